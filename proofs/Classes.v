(** Families of classes: what the loss of pairs says of the mean classifier.

    C c i          the point i of the class c; K.+2 classes of (n c).+1 points
    \mean          see Norms.v *)

From mathcomp Require Import all_ssreflect all_algebra ring.
From Boundcheck Require Import Norms.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Local Open Scope norms_scope.

(** The hinge of a mean is at most the mean of the hinges. *)
Lemma hinge_mean (R : realFieldType) n (F : 'I_n.+1 -> R) :
  Num.max 0 (1 - \mean_(i < n.+1) F i) <= \mean_(i < n.+1) Num.max 0 (1 - F i).
Proof.
rewrite le_maxl; apply/andP; split; first by apply: mean_ge => i; rewrite le_maxr lexx.
rewrite ler_subl_addr -meanD -[leLHS](mean_const n); apply: mean_mono => i.
by rewrite -ler_subl_addr le_maxr lexx orbT.
Qed.

(** A loss over all pairs of classes: that of equal ones is 1, and the others are as many as they are. *)
Lemma without_collisions (R : realFieldType) K (F : 'I_K.+2 -> 'I_K.+2 -> R) (U : R) :
  (forall c, F c c = 1) -> K.+2%:R^-1 * (\sum_(c < K.+2) K.+2%:R^-1 * (\sum_(c' < K.+2) F c c')) <= U ->
  K.+2%:R^-1 * (\sum_(c < K.+2) K.+1%:R^-1 * (\sum_(c' < K.+2 | c' != c) F c c')) <=
  (U - K.+2%:R^-1) / (1 - K.+2%:R^-1).
Proof.
move=> F1 le_U.
have share : 1 - K.+2%:R^-1 = K.+1%:R / K.+2%:R :> R.
  have -> : K.+1%:R = K.+2%:R - 1 :> R by rewrite -[K.+2]addn1 natrD addrK.
  by rewrite mulrBl divff ?pnatr_eq0 // mul1r.
rewrite share ler_pdivl_mulr ?divr_gt0 ?ltr0n // ler_subr_addr; apply: le_trans le_U.
rewrite -!mulr_sumr; set S := \sum_(c < K.+2) \sum_(c' < K.+2 | c' != c) F c c'.
have -> : \sum_(c < K.+2) \sum_(c' < K.+2) F c c' = K.+2%:R + S.
  rewrite -[X in X%:R + _]card_ord -sum1_card natr_sum -big_split; apply: eq_bigr => c _.
  by rewrite (bigD1 c) //= F1.
have k2 : K.+2%:R != 0 :> R by rewrite pnatr_eq0.
have k1 : K.+1%:R != 0 :> R by rewrite pnatr_eq0.
rewrite le_eqVlt; apply/orP; left; apply/eqP.
by move: k1 k2; set a := K.+1%:R; set b := K.+2%:R => k1 k2; field; rewrite k1 k2.
Qed.

Section Rows.
Variables (R : realFieldType) (d : nat).
Local Notation dot u v := (\sum_(l < d.+1) (u l) * (v l)) (only parsing).

(** The inner product with the difference of two classes' means, by those with the differences of their points. *)
Lemma inner_of_means n p (u : 'I_d.+1 -> R) (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1) :
  \sum_(l < d.+1) u l * (n.+1%:R^-1 * (\sum_(i < n.+1) x i 0 l) - p.+1%:R^-1 * (\sum_(j < p.+1) z j 0 l)) =
  \mean_(i < n.+1) \mean_(j < p.+1) (\sum_(l < d.+1) u l * (x i 0 l - z j 0 l)).
Proof.
have inside i : \mean_(j < p.+1) (\sum_(l < d.+1) u l * (x i 0 l - z j 0 l)) =
    \sum_(l < d.+1) u l * (x i 0 l - p.+1%:R^-1 * (\sum_(j < p.+1) z j 0 l)).
  rewrite exchange_big mulr_sumr; apply: eq_bigr => l _; rewrite -mulr_sumr mulrCA; congr (_ * _).
  by rewrite sumrB mulrBr mean_const.
under [X in _ = _ * X]eq_bigr do rewrite inside.
rewrite exchange_big mulr_sumr; apply: eq_bigr => l _; rewrite -mulr_sumr mulrCA; congr (_ * _).
by rewrite sumrB mulrBr mean_const.
Qed.

(** The loss at the means of two classes, by the losses of their points. *)
Lemma hinge_of_means n p (u : 'I_d.+1 -> R) (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1) :
  Num.max 0 (1 - (\sum_(l < d.+1) u l * (n.+1%:R^-1 * (\sum_(i < n.+1) x i 0 l) - p.+1%:R^-1 * (\sum_(j < p.+1) z j 0 l)))) <=
  \mean_(i < n.+1) \mean_(j < p.+1) Num.max 0 (1 - (\sum_(l < d.+1) u l * (x i 0 l - z j 0 l))).
Proof.
rewrite inner_of_means.
by apply: le_trans (hinge_mean _) _; apply: mean_mono => i; apply: hinge_mean.
Qed.

Theorem mean_classifier (K : nat) (n : 'I_K.+2 -> nat) (C : forall c : 'I_K.+2, 'I_(n c).+1 -> 'rV[R]_d.+1) :
  K.+2%:R^-1 * (\sum_(c < K.+2) K.+1%:R^-1 * (\sum_(c'' < K.+2 | c'' != c) (n c).+1%:R^-1 * (\sum_(i < (n c).+1)
    Num.max 0 (1 - (\sum_(l < d.+1) C c i 0 l * ((n c).+1%:R^-1 * (\sum_(i < (n c).+1) C c i 0 l)
                                                - (n c'').+1%:R^-1 * (\sum_(k < (n c'').+1) C c'' k 0 l))))))) <=
  (K.+2%:R^-1 * (\sum_(c < K.+2) K.+2%:R^-1 * (\sum_(c' < K.+2) (n c).+1%:R^-1 * (\sum_(i < (n c).+1)
     (n c).+1%:R^-1 * (\sum_(i' < (n c).+1) (n c').+1%:R^-1 * (\sum_(j < (n c').+1)
       Num.max 0 (1 - (\sum_(l < d.+1) C c i 0 l * (C c i' 0 l - C c' j 0 l)))))))) - K.+2%:R^-1) / (1 - K.+2%:R^-1).
Proof.
pose F c c'' := (n c).+1%:R^-1 * (\sum_(i < (n c).+1)
  Num.max 0 (1 - (\sum_(l < d.+1) C c i 0 l * ((n c).+1%:R^-1 * (\sum_(i < (n c).+1) C c i 0 l)
                                                - (n c'').+1%:R^-1 * (\sum_(k < (n c'').+1) C c'' k 0 l))))).
apply: (without_collisions (F := F)) => [c|].
  rewrite /F -[RHS](mean_const (n c)); congr (_ * _); apply: eq_bigr => i _.
  rewrite big1 => [|l _]; last by rewrite subrr mulr0.
  by rewrite subr0; apply/max_idPr; apply: ler01.
apply: mean_mono => c; apply: mean_mono => c'; apply: mean_mono => i.
exact: (hinge_of_means (fun l => C c i 0 l)).
Qed.

End Rows.
