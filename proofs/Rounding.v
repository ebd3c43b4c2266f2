(** Rounding: how far sums, dot products and distances computed in floating point can be from the exact ones, in any order
    of evaluation. The model is IEEE 754's: round to nearest, ties to even, gradual underflow, no overflow.

      prec, emin                  a binary format: prec digits, and 2^emin its smallest positive number;
                                  binary32 is 24 and -149, binary64 is 53 and -1074
      format x, rnd x             x is a number of the format; the number of the format nearest to x
      u, eta                      2^-prec and 2^(emin-1): what one rounding can be off by, as a share of a normal result and
                                  for a subnormal one
      gamma u k                   k u / (1 - k u)
      sum xs, largest xs          the sum of a list, and its largest member (0 where there is none)
      order A                     an order of evaluation: which partial results are added, which terms are a fused
                                  multiply-add's product; an accumulator that starts from 0 is Nothing
      terms t                     what the order adds up, as a list
      evaluate f g t              the result: each term a is the product f a * g a, rounded alone or as part of a fused
                                  multiply-add; each addition is rounded
      depth t                     how many additions a term goes through at most; adding 0 does not count
      formats p, difference p     both numbers of a pair are of the format; their difference, rounded
      scale xy, ratio unit p      the largest difference of coordinates; one divided by it
      near k z c e                c and e, at least 0, are apart by at most k roundings and z: each is at most
                                  (1 + u)^k times the other plus z. Since a rounding is within u / (1 + u), it divides by
                                  at most 1 + u as it multiplies by at most 1 + u, so errors are in terms of either *)

From Coq Require Import ZArith Reals Psatz List Permutation.
From Flocq Require Import Core Relative Plus_error Div_sqrt_error.
Set Implicit Arguments.
Unset Strict Implicit.
Import ListNotations.
Local Open Scope R_scope.

Definition sum (xs : list R) : R := fold_right Rplus 0 xs.
Definition largest (xs : list R) : R := fold_right Rmax 0 xs.
Definition gamma (u : R) (k : nat) : R := INR k * u / (1 - INR k * u).

(* ----------------------------------------------------------------------------------------------- orders of addition *)

Inductive order (A : Type) : Type :=
  | Nothing
  | Term (a : A)
  | Add (s t : order A)
  | Fused (a : A) (t : order A).
Arguments Nothing {A}.

Section Orders.
Variable A : Type.

Fixpoint terms (t : order A) : list A :=
  match t with
  | Nothing => []
  | Term a => [a]
  | Add s t => terms s ++ terms t
  | Fused a t => a :: terms t
  end.

Fixpoint depth (t : order A) : nat :=
  match t with
  | Nothing | Term _ => 0
  | Add s t =>
      match terms s, terms t with
      | [], _ => depth t
      | _, [] => depth s
      | _, _ => S (Nat.max (depth s) (depth t))
      end
  | Fused _ t => match terms t with [] => 0 | _ => S (depth t) end
  end.

Theorem depth_le t : (depth t <= Nat.pred (length (terms t)))%nat.
Proof.
induction t as [|a|s IHs t IHt|a t IHt]; simpl; try lia.
- rewrite app_length; destruct (terms s); simpl in *; [lia|].
  destruct (terms t); simpl in *; lia.
- destruct (terms t); simpl in *; lia.
Qed.

End Orders.

(* --------------------------------------------------------------------------------------------------- sums of lists *)

Section Sums.
Variables (A : Type) (F : A -> R).

Lemma sum_app xs ys : sum (xs ++ ys) = sum xs + sum ys.
Proof. unfold sum; induction xs as [|x xs IH]; simpl; [ring|rewrite IH; ring]. Qed.

Lemma sum_permutation xs ys : Permutation xs ys -> sum xs = sum ys.
Proof. intros H; unfold sum; induction H; simpl; lra. Qed.

Lemma sum_map_permutation (xs ys : list A) : Permutation xs ys -> sum (map F xs) = sum (map F ys).
Proof. intros H; now apply sum_permutation, Permutation_map. Qed.

Lemma sum_ge0_in (xs : list A) : (forall a, In a xs -> 0 <= F a) -> 0 <= sum (map F xs).
Proof.
unfold sum; induction xs as [|x xs IH]; simpl; intros H; [lra|].
apply Rplus_le_le_0_compat; [apply H; now left|apply IH; intros; apply H; now right].
Qed.

Lemma sum_ge0 (xs : list A) : (forall a, 0 <= F a) -> 0 <= sum (map F xs).
Proof. intros H; unfold sum; induction xs as [|x xs IH]; simpl; [lra|specialize (H x); lra]. Qed.

Lemma sum_cons a (xs : list A) : sum (map F (a :: xs)) = F a + sum (map F xs).
Proof. easy. Qed.

Lemma sum_Rabs (xs : list A) : Rabs (sum (map F xs)) <= sum (map (fun a => Rabs (F a)) xs).
Proof.
unfold sum; induction xs as [|x xs IH]; simpl; [rewrite Rabs_R0; lra|].
assert (H := Rabs_triang (F x) (fold_right Rplus 0 (map F xs))); lra.
Qed.

Lemma sum_map_scale q (xs : list A) : sum (map (fun a => q * F a) xs) = q * sum (map F xs).
Proof. unfold sum; induction xs as [|x xs IH]; simpl; [ring|rewrite IH; ring]. Qed.

Lemma sum_map0 (xs : list A) : (forall a, In a xs -> F a = 0) -> sum (map F xs) = 0.
Proof.
induction xs as [|a xs IH]; simpl; intros H; [easy|].
change (F a + sum (map F xs) = 0); rewrite (H a), IH by (auto; now left); ring.
Qed.

Lemma le_sum (xs : list A) a : (forall b, 0 <= F b) -> In a xs -> F a <= sum (map F xs).
Proof.
intros F0; induction xs as [|b xs IH]; simpl; [easy|intros [<-|H]].
- assert (H := sum_ge0 xs F0); unfold sum in *; simpl; lra.
- specialize (IH H); assert (H0 := F0 b); unfold sum in *; simpl; lra.
Qed.

End Sums.

(* ---------------------------------------------------------------------------------------------------------- gamma *)

Section Gamma.
Variable u : R.
Hypothesis u_ge0 : 0 <= u.

Lemma power_ge1 k : 1 <= (1 + u) ^ k.
Proof. apply pow_R1_Rle; lra. Qed.

Lemma power_mono k l : (k <= l)%nat -> (1 + u) ^ k <= (1 + u) ^ l.
Proof. intros H; apply Rle_pow; [lra|easy]. Qed.

(** The bound by powers is at most the usual one. *)
Theorem power_le_gamma k : INR k * u < 1 -> (1 + u) ^ k - 1 <= gamma u k.
Proof.
intros Hk.
assert (H : (1 + u) ^ k * (1 - INR k * u) <= 1).
{ clear Hk; induction k as [|k IH]; [simpl; lra|].
  rewrite S_INR.
  replace ((1 + u) ^ S k) with ((1 + u) * (1 + u) ^ k) by (simpl; ring).
  assert (P := power_ge1 k); assert (K := pos_INR k).
  assert (0 <= (INR k + 1) * (u * u)) by (apply Rmult_le_pos; [lra|now apply Rmult_le_pos]).
  apply Rle_trans with ((1 + u) ^ k * (1 - INR k * u)); [|exact IH].
  replace ((1 + u) * (1 + u) ^ k * (1 - (INR k + 1) * u))
    with ((1 + u) ^ k * ((1 + u) * (1 - (INR k + 1) * u))) by ring.
  apply Rmult_le_compat_l; [lra|nra]. }
unfold gamma; apply Rmult_le_reg_r with (1 - INR k * u); [lra|].
unfold Rdiv; rewrite Rmult_assoc, Rinv_l by lra; lra.
Qed.

Lemma gamma_ge0 k : INR k * u < 1 -> 0 <= gamma u k.
Proof. intros H; assert (H' := power_le_gamma H); assert (P := power_ge1 k); lra. Qed.

Lemma gamma_mono k l : (k <= l)%nat -> INR l * u < 1 -> gamma u k <= gamma u l.
Proof.
intros kl Hl; apply le_INR in kl.
assert (Hkl : INR k * u <= INR l * u) by now apply Rmult_le_compat_r.
unfold gamma, Rdiv; apply Rmult_le_compat.
- apply Rmult_le_pos; [apply pos_INR|easy].
- apply Rlt_le, Rinv_0_lt_compat; lra.
- easy.
- apply Rinv_le; lra.
Qed.

Lemma power_le2 k : INR k * u <= / 2 -> (1 + u) ^ k <= 2.
Proof.
intros H; assert (Hk : INR k * u < 1) by lra; assert (H' := power_le_gamma Hk).
assert (gamma u k <= 1); [|lra].
unfold gamma; apply Rmult_le_reg_r with (1 - INR k * u); [lra|].
unfold Rdiv; rewrite Rmult_assoc, Rinv_l by lra; lra.
Qed.

End Gamma.

(* ----------------------------------------------------------------------------------------------------- one rounding *)

Section Format.
Variables emin prec : Z.
Hypothesis prec_gt1 : (1 < prec)%Z.

Let prec_gt0 : Prec_gt_0 prec. Proof. unfold Prec_gt_0; lia. Qed.
Existing Instance prec_gt0.

Definition format (x : R) : Prop := generic_format radix2 (FLT_exp emin prec) x.
Definition rnd (x : R) : R := round radix2 (FLT_exp emin prec) ZnearestE x.
Definition unit_roundoff : R := bpow radix2 (- prec).
Definition half_smallest : R := bpow radix2 (emin - 1).

Notation u := unit_roundoff.
Notation eta := half_smallest.

Lemma u_gt0 : 0 < u. Proof. apply bpow_gt_0. Qed.
Lemma eta_gt0 : 0 < eta. Proof. apply bpow_gt_0. Qed.
Hint Resolve u_gt0 eta_gt0 : core.
Lemma u_ge0 : 0 <= u. Proof. now apply Rlt_le. Qed.
Lemma eta_ge0 : 0 <= eta. Proof. now apply Rlt_le. Qed.
Hint Resolve u_ge0 eta_ge0 : core.

Lemma u_le : u <= / 4.
Proof. replace (/ 4) with (bpow radix2 (-2)) by (simpl; lra); apply bpow_le; lia. Qed.

Lemma u_flocq : u_ro radix2 prec = u.
Proof. unfold u_ro, u; rewrite bpow_plus; simpl (bpow radix2 1); lra. Qed.

Lemma eta_flocq : / 2 * bpow radix2 emin = eta.
Proof. unfold eta, Z.sub; rewrite bpow_plus; change (bpow radix2 (- (1))) with (/ 2); ring. Qed.

Lemma format_rnd x : format (rnd x).
Proof. apply generic_format_round; auto with typeclass_instances. Qed.

Lemma format0 : format 0.
Proof. apply generic_format_0. Qed.

Lemma format_Ropp x : format x -> format (- x).
Proof. apply generic_format_opp. Qed.

Lemma format_Rabs x : format x -> format (Rabs x).
Proof. apply generic_format_abs. Qed.

Lemma rnd_format x : format x -> rnd x = x.
Proof. apply round_generic; auto with typeclass_instances. Qed.

Lemma rnd_mono x y : x <= y -> rnd x <= rnd y.
Proof. apply round_le; auto with typeclass_instances. Qed.

Lemma rnd_ge0 x : 0 <= x -> 0 <= rnd x.
Proof. intros H; rewrite <- (rnd_format format0); now apply rnd_mono. Qed.

Lemma rnd_Rabs x : Rabs (rnd x) = rnd (Rabs x).
Proof. symmetry; apply round_NE_abs; auto with typeclass_instances. Qed.

Hint Resolve format_rnd format0 rnd_ge0 : core.

(** One rounding: relative, or, among the subnormals, absolute. *)
Theorem rounding x : exists e h : R,
  Rabs e <= u / (1 + u) /\ Rabs h <= eta /\ e * h = 0 /\ rnd x = x * (1 + e) + h.
Proof.
destruct (relative_error_N_FLT'_ex radix2 emin prec prec_gt0 (fun z => negb (Z.even z)) x)
  as (e & h & He & Hh & H0 & H).
rewrite u_flocq in He; rewrite eta_flocq in Hh.
now exists e, h; repeat split.
Qed.

(** A sum of two numbers of the format does not underflow. *)
Theorem rounding_sum x y : format x -> format y -> exists e : R,
  Rabs e <= u / (1 + u) /\ rnd (x + y) = (x + y) * (1 + e).
Proof.
intros Fx Fy.
destruct (FLT_plus_error_N_ex radix2 emin prec (fun z => negb (Z.even z)) x y Fx Fy) as (e & He & H).
rewrite u_flocq in He; now exists e.
Qed.

Lemma share_le_u : u / (1 + u) <= u.
Proof.
assert (H := u_gt0); apply Rmult_le_reg_r with (1 + u); [lra|].
unfold Rdiv; rewrite Rmult_assoc, Rinv_l by lra; nra.
Qed.

Lemma rnd_error x : Rabs (rnd x - x) <= u * Rabs x + eta.
Proof.
destruct (rounding x) as (e & h & He & Hh & _ & ->).
replace (x * (1 + e) + h - x) with (e * x + h) by ring.
apply Rle_trans with (1 := Rabs_triang _ _); apply Rplus_le_compat; [|easy].
rewrite Rabs_mult; apply Rmult_le_compat_r; [apply Rabs_pos|].
apply Rle_trans with (1 := He), share_le_u.
Qed.

Lemma rnd_sum_error x y : format x -> format y -> Rabs (rnd (x + y) - (x + y)) <= u * Rabs (x + y).
Proof.
intros Fx Fy; destruct (rounding_sum Fx Fy) as (e & He & ->).
replace ((x + y) * (1 + e) - (x + y)) with (e * (x + y)) by ring.
rewrite Rabs_mult; apply Rmult_le_compat_r; [apply Rabs_pos|].
apply Rle_trans with (1 := He), share_le_u.
Qed.

(* ----------------------------------------------------------------------------------------- any order, with any signs *)

Section Evaluation.
Variables (A : Type) (f g : A -> R).

Fixpoint evaluate (t : order A) : R :=
  match t with
  | Nothing => 0
  | Term a => rnd (f a * g a)
  | Add s t => rnd (evaluate s + evaluate t)
  | Fused a t => rnd (f a * g a + evaluate t)
  end.

Lemma format_evaluate t : format (evaluate t).
Proof. destruct t; simpl; auto. Qed.

Lemma evaluate_nothing t : terms t = [] -> evaluate t = 0.
Proof.
induction t as [|a|s IHs t IHt|a t IHt]; simpl; intros H; try easy.
apply app_eq_nil in H; rewrite IHs, IHt by easy.
rewrite Rplus_0_l; apply rnd_format, format0.
Qed.

(** The exact terms, and how far a product, and a fused product and sum, may be from them. *)
Variables (exact : A -> R) (good : A -> Prop) (j : nat) (z : R).
Hypothesis z_ge0 : 0 <= z.
Notation size a := (Rabs (exact a)).
Hypothesis product_error : forall a, good a ->
  Rabs (rnd (f a * g a) - exact a) <= ((1 + u) ^ j - 1) * size a + (1 + u) ^ j * z.
Hypothesis fused_error : forall a s, good a -> format s ->
  Rabs (rnd (f a * g a + s) - (exact a + s)) <= ((1 + u) ^ S j - 1) * size a + u * Rabs s + (1 + u) ^ S j * z.

Notation exactly ts := (sum (map exact ts)).
Notation sizes ts := (sum (map (fun a => size a) ts)).

Lemma sizes_ge0 ts : 0 <= sizes ts.
Proof. apply sum_ge0; intros; apply Rabs_pos. Qed.

Lemma error_mono k l (m q e : R) : (k <= l)%nat -> 0 <= m -> 0 <= q ->
  e <= ((1 + u) ^ k - 1) * m + (1 + u) ^ k * q -> e <= ((1 + u) ^ l - 1) * m + (1 + u) ^ l * q.
Proof.
intros kl m0 q0 He; assert (H := power_mono u_ge0 kl).
apply Rle_trans with (1 := He); apply Rplus_le_compat; apply Rmult_le_compat_r; lra.
Qed.

Theorem evaluate_error t : Forall good (terms t) ->
  Rabs (evaluate t - exactly (terms t))
  <= ((1 + u) ^ (j + depth t) - 1) * sizes (terms t) + (1 + u) ^ (j + depth t) * (INR (length (terms t)) * z).
Proof.
induction t as [|a|s IHs t IHt|a t IHt]; intros good_t.
- unfold sum; simpl; rewrite Rminus_0_r, Rabs_R0; lra.
- inversion good_t as [|a' l good_a _]; subst.
  unfold sum; simpl; rewrite Nat.add_0_r, !Rplus_0_r, Rmult_1_l.
  now apply product_error.
- simpl in good_t; apply Forall_app in good_t; destruct good_t as [good_s good_t].
  specialize (IHs good_s); specialize (IHt good_t).
  assert (S0 := sizes_ge0 (terms s)); assert (T0 := sizes_ge0 (terms t)).
  assert (FS := format_evaluate s); assert (FT := format_evaluate t).
  simpl terms; rewrite !map_app, !sum_app, app_length, plus_INR; simpl evaluate; simpl depth.
  destruct (terms s) as [|a ss] eqn:Es.
  { rewrite (evaluate_nothing Es), Rplus_0_l, rnd_format by easy.
    unfold sum at 1 3; simpl fold_right; simpl length; simpl (INR 0); rewrite !Rplus_0_l; exact IHt. }
  destruct (terms t) as [|b ts] eqn:Et.
  { rewrite (evaluate_nothing Et), Rplus_0_r, rnd_format by easy.
    unfold sum at 2 4; simpl fold_right; simpl (length []); simpl (INR 0); rewrite !Rplus_0_r; exact IHs. }
  set (k := Nat.max (depth s) (depth t)).
  apply error_mono with (l := (j + k)%nat) in IHs; [|lia|easy|apply Rmult_le_pos; [apply pos_INR|easy]].
  apply error_mono with (l := (j + k)%nat) in IHt; [|lia|easy|apply Rmult_le_pos; [apply pos_INR|easy]].
  replace (j + S k)%nat with (S (j + k)) by lia; rewrite <- tech_pow_Rmult.
  assert (HS := sum_Rabs exact (a :: ss)); assert (HT := sum_Rabs exact (b :: ts)).
  set (p := (1 + u) ^ (j + k)) in *.
  set (cs := evaluate s) in *; set (ct := evaluate t) in *.
  set (xs := exactly (a :: ss)) in *; set (xt := exactly (b :: ts)) in *.
  set (ms := sizes (a :: ss)) in *; set (mt := sizes (b :: ts)) in *.
  set (ns := INR (length (a :: ss))) in *; set (nt := INR (length (b :: ts))) in *.
  assert (He := rnd_sum_error FS FT); assert (Hu := u_ge0).
  assert (Hc : Rabs (cs + ct) <= ms + mt + Rabs (cs - xs) + Rabs (ct - xt)).
  { replace (cs + ct) with (xs + xt + ((cs - xs) + (ct - xt))) by ring.
    apply Rle_trans with (1 := Rabs_triang _ _).
    assert (H1 := Rabs_triang xs xt); assert (H2 := Rabs_triang (cs - xs) (ct - xt)); lra. }
  assert (Ht : Rabs (rnd (cs + ct) - (xs + xt)) <= Rabs (rnd (cs + ct) - (cs + ct)) + Rabs (cs - xs) + Rabs (ct - xt)).
  { replace (rnd (cs + ct) - (xs + xt)) with (rnd (cs + ct) - (cs + ct) + ((cs - xs) + (ct - xt))) by ring.
    apply Rle_trans with (1 := Rabs_triang _ _).
    assert (H2 := Rabs_triang (cs - xs) (ct - xt)); lra. }
  apply Rle_trans with (u * (ms + mt) + (1 + u) * (Rabs (cs - xs) + Rabs (ct - xt))).
  { apply Rle_trans with (1 := Ht). apply (Rmult_le_compat_l u) in Hc; [lra|easy]. }
  apply Rle_trans with (u * (ms + mt) + (1 + u) * ((p - 1) * (ms + mt) + p * ((ns + nt) * z))).
  { apply Rplus_le_compat_l, Rmult_le_compat_l; lra. }
  apply Req_le; ring.
- inversion good_t as [|a' l good_a good_s]; subst.
  specialize (IHt good_s).
  assert (T0 := sizes_ge0 (terms t)).
  assert (FT := format_evaluate t).
  assert (HF := fun s => @fused_error a s good_a).
  simpl terms; simpl map; simpl length; rewrite S_INR; simpl evaluate; simpl depth.
  change (sum (exact a :: ?l)) with (exact a + sum l).
  change (sum (size a :: ?l)) with (size a + sum l).
  destruct (terms t) as [|b ts] eqn:Et.
  { rewrite (evaluate_nothing Et); simpl; unfold sum; simpl; rewrite Nat.add_0_r, !Rplus_0_r, Rplus_0_l, Rmult_1_l.
    now apply product_error. }
  replace (j + S (depth t))%nat with (S (j + depth t)) by lia; rewrite <- tech_pow_Rmult.
  specialize (HF _ FT); rewrite <- tech_pow_Rmult in HF.
  assert (HT := sum_Rabs exact (b :: ts)).
  assert (Hp : (1 + u) ^ j <= (1 + u) ^ (j + depth t)) by (apply power_mono; [easy|lia]).
  set (p := (1 + u) ^ (j + depth t)) in *; set (q := (1 + u) ^ j) in *.
  set (ct := evaluate t) in *.
  set (xt := exactly (b :: ts)) in *; set (mt := sizes (b :: ts)) in *; set (nt := INR (length (b :: ts))) in *.
  assert (Hu := u_ge0); assert (A0 := Rabs_pos (exact a)).
  assert (Hc : Rabs ct <= mt + Rabs (ct - xt)).
  { replace ct with (xt + (ct - xt)) at 1 by ring.
    apply Rle_trans with (1 := Rabs_triang _ _); lra. }
  assert (Ht : Rabs (rnd (f a * g a + ct) - (exact a + xt))
               <= Rabs (rnd (f a * g a + ct) - (exact a + ct)) + Rabs (ct - xt)).
  { replace (rnd (f a * g a + ct) - (exact a + xt))
      with (rnd (f a * g a + ct) - (exact a + ct) + (ct - xt)) by ring.
    apply Rabs_triang. }
  apply Rle_trans with (((1 + u) * p - 1) * size a + u * mt + (1 + u) * p * z + (1 + u) * Rabs (ct - xt)).
  { apply Rle_trans with (1 := Ht).
    apply (Rmult_le_compat_l u) in Hc; [|easy].
    assert ((1 + u) * q <= (1 + u) * p) by (apply Rmult_le_compat_l; lra).
    assert (((1 + u) * q - 1) * size a <= ((1 + u) * p - 1) * size a) by (apply Rmult_le_compat_r; lra).
    assert ((1 + u) * q * z <= (1 + u) * p * z) by (apply Rmult_le_compat_r; lra).
    lra. }
  apply Rle_trans with (((1 + u) * p - 1) * size a + u * mt + (1 + u) * p * z
                        + (1 + u) * ((p - 1) * mt + p * (nt * z))).
  { apply Rplus_le_compat_l, Rmult_le_compat_l; lra. }
  apply Req_le; ring.
Qed.

(** The same by the number of terms, for any list that the order adds up. *)
Lemma evaluate_error_count (ts : list A) (t : order A) : let k := (j + Nat.pred (length ts))%nat in
  Forall good ts -> Permutation (terms t) ts ->
  Rabs (evaluate t - exactly ts) <= ((1 + u) ^ k - 1) * sizes ts + (1 + u) ^ k * (INR (length ts) * z).
Proof.
intros k good_ts perm.
assert (good_t : Forall good (terms t)).
{ rewrite Forall_forall in good_ts |- *; intros a Ha.
  apply good_ts; now apply (Permutation_in _ perm). }
assert (H := evaluate_error good_t); assert (Hd := depth_le t).
rewrite (sum_map_permutation exact perm), (sum_map_permutation (fun a => size a) perm), (Permutation_length perm) in H.
rewrite (Permutation_length perm) in Hd.
apply error_mono with (4 := H); [unfold k; lia|apply sizes_ge0|].
apply Rmult_le_pos; [apply pos_INR|easy].
Qed.

(** And in terms of gamma. *)
Theorem evaluate_error_any_order (ts : list A) (t : order A) : let k := (j + Nat.pred (length ts))%nat in
  Forall good ts -> Permutation (terms t) ts -> INR k * u < 1 ->
  Rabs (evaluate t - exactly ts) <= gamma u k * sizes ts + (1 + gamma u k) * (INR (length ts) * z).
Proof.
intros k good_ts perm Hk.
assert (G := power_le_gamma u_ge0 Hk); assert (S0 := sizes_ge0 ts).
assert (Hz : 0 <= INR (length ts) * z) by (apply Rmult_le_pos; [apply pos_INR|easy]).
apply Rle_trans with (1 := evaluate_error_count good_ts perm); fold k.
apply Rplus_le_compat; apply Rmult_le_compat_r; lra.
Qed.

End Evaluation.

(* ----------------------------------------------------------------------------------------------- sums, dot products *)

(** Adding up numbers of the format: no product is rounded, and nothing underflows. *)
Notation added t := (evaluate (fun x : R => x) (fun _ => 1) t).

Lemma sum_product_error x : format x ->
  Rabs (rnd (x * 1) - x) <= ((1 + u) ^ 0 - 1) * Rabs x + (1 + u) ^ 0 * 0.
Proof. intros F; rewrite Rmult_1_r, (rnd_format F), Rminus_diag_eq, Rabs_R0 by easy; simpl; lra. Qed.

Lemma sum_fused_error x s : format x -> format s ->
  Rabs (rnd (x * 1 + s) - (x + s)) <= ((1 + u) ^ 1 - 1) * Rabs x + u * Rabs s + (1 + u) ^ 1 * 0.
Proof.
intros Fx Fs; rewrite Rmult_1_r.
apply Rle_trans with (1 := rnd_sum_error Fx Fs).
assert (H := Rabs_triang x s); apply (Rmult_le_compat_l u) in H; [simpl; lra|easy].
Qed.

Theorem sum_by_depth (t : order R) : Forall format (terms t) ->
  Rabs (added t - sum (terms t)) <= ((1 + u) ^ depth t - 1) * sum (map Rabs (terms t)).
Proof.
intros F.
assert (H := @evaluate_error R (fun x => x) (fun _ => 1) (fun x => x) format 0 0 (Rle_refl 0)
               sum_product_error sum_fused_error t F).
rewrite map_id in H; simpl Nat.add in H; rewrite !Rmult_0_r, Rplus_0_r in H; exact H.
Qed.

Theorem sum_any_order (xs : list R) (t : order R) : let k := Nat.pred (length xs) in
  Forall format xs -> Permutation (terms t) xs -> INR k * u < 1 ->
  Rabs (added t - sum xs) <= gamma u k * sum (map Rabs xs).
Proof.
intros k F perm Hk.
assert (H := @evaluate_error_any_order R (fun x => x) (fun _ => 1) (fun x => x) format 0 0 (Rle_refl 0)
               sum_product_error sum_fused_error xs t F perm Hk).
rewrite map_id in H; simpl Nat.add in H; rewrite !Rmult_0_r, Rplus_0_r in H; exact H.
Qed.

(** Products whose factors are off by shares: i roundings in all. *)
Section Products.
Variables (A : Type) (f g exact : A -> R) (good : A -> Prop) (i : nat).
Hypothesis factors_error : forall a, good a -> Rabs (f a * g a - exact a) <= ((1 + u) ^ i - 1) * Rabs (exact a).

Lemma product_fused_error a s : good a ->
  Rabs (rnd (f a * g a + s) - (exact a + s)) <= ((1 + u) ^ S i - 1) * Rabs (exact a) + u * Rabs s + eta.
Proof.
intros Ga; assert (H := factors_error Ga); assert (Hr := rnd_error (f a * g a + s)).
assert (Hu := u_ge0); assert (E0 := Rabs_pos (exact a)).
rewrite <- tech_pow_Rmult; set (p := (1 + u) ^ i) in *.
assert (Hs : Rabs (f a * g a + s) <= Rabs (f a * g a - exact a) + Rabs (exact a) + Rabs s).
{ replace (f a * g a + s) with ((f a * g a - exact a) + exact a + s) by ring.
  apply Rle_trans with (1 := Rabs_triang _ _); apply Rplus_le_compat_r, Rabs_triang. }
assert (Ht : Rabs (rnd (f a * g a + s) - (exact a + s))
             <= Rabs (rnd (f a * g a + s) - (f a * g a + s)) + Rabs (f a * g a - exact a)).
{ replace (rnd (f a * g a + s) - (exact a + s))
    with (rnd (f a * g a + s) - (f a * g a + s) + (f a * g a - exact a)) by ring.
  apply Rabs_triang. }
apply (Rmult_le_compat_l u) in Hs; [|easy].
apply (Rmult_le_compat_l (1 + u)) in H; [|lra].
lra.
Qed.

Lemma product_alone_error a : good a ->
  Rabs (rnd (f a * g a) - exact a) <= ((1 + u) ^ S i - 1) * Rabs (exact a) + (1 + u) ^ S i * eta.
Proof.
intros Ga; assert (H := @product_fused_error a 0 Ga).
rewrite !Rplus_0_r, Rabs_R0, Rmult_0_r, Rplus_0_r in H.
assert (eta <= (1 + u) ^ S i * eta); [|lra].
rewrite <- (Rmult_1_l eta) at 1; apply Rmult_le_compat_r; [easy|now apply power_ge1].
Qed.

Lemma product_in_sum_error a s : good a -> format s ->
  Rabs (rnd (f a * g a + s) - (exact a + s))
  <= ((1 + u) ^ S (S i) - 1) * Rabs (exact a) + u * Rabs s + (1 + u) ^ S (S i) * eta.
Proof.
intros Ga _; apply Rle_trans with (1 := product_fused_error s Ga).
assert (H := power_mono u_ge0 (Nat.le_succ_diag_r (S i))); assert (H1 := power_ge1 u_ge0 (S (S i))).
assert (E0 := Rabs_pos (exact a)).
apply Rplus_le_compat; [apply Rplus_le_compat_r, Rmult_le_compat_r; lra|].
rewrite <- (Rmult_1_l eta) at 1; apply Rmult_le_compat_r; [easy|lra].
Qed.

Theorem products_any_order (ts : list A) (t : order A) : let n := length ts in let k := (i + n)%nat in
  Forall good ts -> Permutation (terms t) ts -> INR k * u < 1 ->
  Rabs (evaluate f g t - sum (map exact ts))
  <= gamma u k * sum (map (fun a => Rabs (exact a)) ts) + (1 + gamma u k) * (INR n * eta).
Proof.
intros n k G perm Hk; destruct ts as [|a ts].
- apply Permutation_sym, Permutation_nil in perm.
  rewrite evaluate_nothing by easy; unfold n, sum; simpl.
  rewrite Rminus_0_r, Rabs_R0; lra.
- replace k with (S i + Nat.pred (length (a :: ts)))%nat in * by (unfold k, n; simpl; lia).
  apply (@evaluate_error_any_order A f g exact good (S i) eta eta_ge0 product_alone_error product_in_sum_error
           (a :: ts) t G perm Hk).
Qed.

End Products.

Theorem dot_any_order (xy : list (R * R)) (t : order (R * R)) : let n := length xy in
  Permutation (terms t) xy -> INR n * u < 1 ->
  Rabs (evaluate fst snd t - sum (map (fun p => fst p * snd p) xy))
  <= gamma u n * sum (map (fun p => Rabs (fst p * snd p)) xy) + (1 + gamma u n) * (INR n * eta).
Proof.
intros n perm Hn.
apply (@products_any_order _ fst snd (fun p => fst p * snd p) (fun _ => True) 0); try easy.
- intros a _; rewrite Rminus_diag_eq, Rabs_R0 by easy; simpl; lra.
- apply Forall_forall; easy.
Qed.

(* ------------------------------------------------------------------------------------------------------- distances *)

Definition difference (p : R * R) : R := rnd (fst p - snd p).
Definition formats (p : R * R) : Prop := format (fst p) /\ format (snd p).

Lemma difference_rounding p : formats p -> exists e : R,
  Rabs e <= u / (1 + u) /\ difference p = (fst p - snd p) * (1 + e).
Proof. intros [F G]; apply (rounding_sum F (format_Ropp G)). Qed.

(** The sum of the squared differences of coordinates. *)
Theorem squares_any_order (xy : list (R * R)) (t : order (R * R)) : let n := length xy in let k := (2 + n)%nat in
  Forall formats xy -> Permutation (terms t) xy -> INR k * u < 1 ->
  Rabs (evaluate difference difference t - sum (map (fun p => (fst p - snd p) ^ 2) xy))
  <= gamma u k * sum (map (fun p => (fst p - snd p) ^ 2) xy) + (1 + gamma u k) * (INR n * eta).
Proof.
intros n k F perm Hk.
assert (E : forall p : R * R, Rabs ((fst p - snd p) ^ 2) = (fst p - snd p) ^ 2).
{ intros p; apply Rabs_pos_eq, pow2_ge_0. }
rewrite <- (map_ext _ _ E) at 2.
apply (@products_any_order _ difference difference (fun p => (fst p - snd p) ^ 2) formats 2); try easy.
intros p Fp; destruct (difference_rounding Fp) as (e & He & ->).
replace ((fst p - snd p) * (1 + e) * ((fst p - snd p) * (1 + e)) - (fst p - snd p) ^ 2)
  with ((2 * e + e * e) * (fst p - snd p) ^ 2) by ring.
rewrite Rabs_mult; apply Rmult_le_compat_r; [apply Rabs_pos|].
assert (H := Rle_trans _ _ _ He share_le_u); apply Rabs_le_inv in H; assert (Hu := u_ge0).
apply Rabs_le; simpl; split; nra.
Qed.

(* ------------------------------------------------------------------------------- non-negative numbers, in both ways *)

Definition near (k : nat) (z c e : R) : Prop :=
  0 <= c /\ 0 <= e /\ e <= (1 + u) ^ k * (c + z) /\ c <= (1 + u) ^ k * (e + z).

Lemma near_refl x : 0 <= x -> near 0 0 x x.
Proof. unfold near; simpl; lra. Qed.

Lemma near_mono k l z w c e : (k <= l)%nat -> 0 <= z <= w -> near k z c e -> near l w c e.
Proof.
intros kl [z0 zw] (c0 & e0 & H1 & H2); assert (H := power_mono u_ge0 kl); assert (P := power_ge1 u_ge0 k).
repeat split; try easy; [apply Rle_trans with (1 := H1)|apply Rle_trans with (1 := H2)];
  apply Rmult_le_compat; lra.
Qed.

Lemma near_trans k l z w a b c : 0 <= z -> 0 <= w -> near k z a b -> near l w b c -> near (k + l) (z + w) a c.
Proof.
intros z0 w0 (a0 & b0 & H1 & H2) (_ & c0 & H3 & H4).
assert (Pk := power_ge1 u_ge0 k); assert (Pl := power_ge1 u_ge0 l).
unfold near; rewrite pow_add; set (p := (1 + u) ^ k) in *; set (q := (1 + u) ^ l) in *.
repeat split; try easy.
- apply Rle_trans with (1 := H3); rewrite (Rmult_comm p q), Rmult_assoc.
  apply Rmult_le_compat_l; [lra|].
  assert (w <= p * w) by (rewrite <- (Rmult_1_l w) at 1; apply Rmult_le_compat_r; lra).
  lra.
- apply Rle_trans with (1 := H2); rewrite Rmult_assoc.
  apply Rmult_le_compat_l; [lra|].
  assert (z <= q * z) by (rewrite <- (Rmult_1_l z) at 1; apply Rmult_le_compat_r; lra).
  lra.
Qed.

Lemma near_plus k z w a b c d : near k z a b -> near k w c d -> near k (z + w) (a + c) (b + d).
Proof. intros (a0 & b0 & H1 & H2) (c0 & d0 & H3 & H4); repeat split; lra. Qed.

Lemma near_scale k z c e q : 0 <= q -> near k z c e -> near k (q * z) (q * c) (q * e).
Proof.
intros q0 (c0 & e0 & H1 & H2).
apply (Rmult_le_compat_l q) in H1; [|easy]; apply (Rmult_le_compat_l q) in H2; [|easy].
repeat split; try (now apply Rmult_le_pos); lra.
Qed.

Lemma near_max k z a b c d : near k z a b -> near k z c d -> near k z (Rmax a c) (Rmax b d).
Proof.
intros (a0 & b0 & H1 & H2) (c0 & d0 & H3 & H4); assert (P := power_ge1 u_ge0 k).
assert (Ha := Rmax_l a c); assert (Hc := Rmax_r a c); assert (Hb := Rmax_l b d); assert (Hd := Rmax_r b d).
repeat split; try lra; apply Rmax_lub.
- apply Rle_trans with (1 := H1); apply Rmult_le_compat_l; lra.
- apply Rle_trans with (1 := H3); apply Rmult_le_compat_l; lra.
- apply Rle_trans with (1 := H2); apply Rmult_le_compat_l; lra.
- apply Rle_trans with (1 := H4); apply Rmult_le_compat_l; lra.
Qed.

Lemma sqrt_plus_le x y : 0 <= x -> 0 <= y -> sqrt (x + y) <= sqrt x + sqrt y.
Proof.
intros x0 y0; assert (X := sqrt_pos x); assert (Y := sqrt_pos y).
rewrite <- (sqrt_Rsqr (sqrt x + sqrt y)) by lra; apply sqrt_le_1_alt; unfold Rsqr.
assert (Sx := sqrt_sqrt x x0); assert (Sy := sqrt_sqrt y y0).
assert (0 <= sqrt x * sqrt y) by now apply Rmult_le_pos.
lra.
Qed.

Lemma near_sqrt k z c e : 0 <= z -> near k z c e -> near k (sqrt z) (sqrt c) (sqrt e).
Proof.
intros z0 (c0 & e0 & H1 & H2); assert (P := power_ge1 u_ge0 k); set (p := (1 + u) ^ k) in *.
assert (Hp : sqrt p <= p).
{ rewrite <- (sqrt_Rsqr p) at 2 by lra; apply sqrt_le_1_alt; unfold Rsqr; nra. }
assert (S : forall a b, 0 <= b -> a <= p * (b + z) -> sqrt a <= p * (sqrt b + sqrt z)).
{ intros a b b0 H; apply Rle_trans with (sqrt (p * (b + z))); [now apply sqrt_le_1_alt|].
  rewrite sqrt_mult by lra; apply Rmult_le_compat; try apply sqrt_pos; try easy.
  now apply sqrt_plus_le. }
repeat split; try apply sqrt_pos; fold p; now apply S.
Qed.

(** What a share of at most u / (1 + u) does, either way. *)
Lemma near_share x e : 0 <= x -> Rabs e <= u / (1 + u) -> near 1 0 (x * (1 + e)) x.
Proof.
intros x0 He; assert (Hu := u_gt0).
assert (H : u / (1 + u) * (1 + u) = u) by (field; lra).
assert (Hs := share_le_u); assert (Hq := u_le); apply Rabs_le_inv in He; set (s := u / (1 + u)) in *.
assert (L : 1 <= (1 + e) * (1 + u)) by nra.
assert (0 <= 1 + e) by lra.
repeat split; simpl; try easy; try (now apply Rmult_le_pos); rewrite ?Rmult_1_r, ?Rplus_0_r.
- apply (Rmult_le_compat_l x) in L; [lra|easy].
- rewrite (Rmult_comm (1 + u)); apply Rmult_le_compat_l; lra.
Qed.

Lemma near_rnd x : 0 <= x -> near 1 eta (rnd x) x.
Proof.
intros x0; assert (R0 := rnd_ge0 x0); destruct (rounding x) as (e & h & He & Hh & Hz & E).
assert (Hu := u_ge0); assert (H0 := eta_ge0).
destruct (Rmult_integral _ _ Hz) as [-> | ->].
- apply Rabs_le_inv in Hh; repeat split; simpl; try easy; nra.
- rewrite Rplus_0_r in E; rewrite E.
  apply near_mono with (3 := near_share x0 He); [lia|lra].
Qed.

Lemma rnd_normal_error x : bpow radix2 (emin + prec - 1) <= Rabs x -> Rabs (rnd x - x) <= u * Rabs x.
Proof.
intros Hx; rewrite <- u_flocq.
exact (relative_error_N_FLT radix2 emin prec prec_gt0 (fun n => negb (Z.even n)) x Hx).
Qed.

Lemma near_rnd_normal x : bpow radix2 (emin + prec - 1) <= x -> near 1 0 (rnd x) x.
Proof.
intros Hx; assert (x0 : 0 < x) by (apply Rlt_le_trans with (2 := Hx), bpow_gt_0).
destruct (relative_error_N_FLX'_ex radix2 prec prec_gt0 (fun n => negb (Z.even n)) x) as (e & He & H).
rewrite u_flocq in He; replace (rnd x) with (x * (1 + e)); [apply near_share; [lra|easy]|].
rewrite <- H; symmetry; apply round_FLT_FLX; rewrite Rabs_pos_eq; [easy|lra].
Qed.

Lemma near_rnd_sum x y : 0 <= x + y -> format x -> format y -> near 1 0 (rnd (x + y)) (x + y).
Proof. intros H Fx Fy; destruct (rounding_sum Fx Fy) as (e & He & ->); now apply near_share. Qed.

Lemma near_sym k z c e : near k z c e -> near k z e c.
Proof. intros (c0 & e0 & H1 & H2); repeat split; easy. Qed.

Lemma near_error k z c e : 0 <= z -> near k z c e -> Rabs (c - e) <= ((1 + u) ^ k - 1) * c + (1 + u) ^ k * z.
Proof.
intros z0 (c0 & e0 & H1 & H2); assert (P := power_ge1 u_ge0 k); set (p := (1 + u) ^ k) in *.
set (q := (p - 1) * c + p * z).
assert (q0 : 0 <= q) by (apply Rplus_le_le_0_compat; apply Rmult_le_pos; lra).
assert (q <= p * q) by (rewrite <- (Rmult_1_l q) at 1; apply Rmult_le_compat_r; lra).
apply Rabs_le; split; [unfold q; lra|].
apply Rmult_le_reg_l with p; [lra|unfold q in *; lra].
Qed.

Theorem near_gamma k z c e : 0 <= z -> INR k * u < 1 -> near k z c e ->
  Rabs (c - e) <= gamma u k * c + (1 + gamma u k) * z.
Proof.
intros z0 Hk H; apply Rle_trans with (1 := near_error z0 H).
assert (G := power_le_gamma u_ge0 Hk); destruct H as (c0 & _).
apply Rplus_le_compat; apply Rmult_le_compat_r; lra.
Qed.

(** Adding up products that are at least 0: i shares for the factors and w for their underflow, one rounding for each
    product, and the additions. *)
Section Nonnegative.
Variables (A : Type) (f g exact : A -> R) (good : A -> Prop) (i : nat) (w z : R).
Hypotheses (w_ge0 : 0 <= w) (z_ge0 : 0 <= z).
Hypothesis factors_near : forall a, good a -> near i w (f a * g a) (exact a).
Hypothesis product_near : forall a s, good a -> format s -> 0 <= s -> near 1 z (rnd (f a * g a + s)) (f a * g a + s).

Notation exactly ts := (sum (map exact ts)).

Theorem evaluate_near t : Forall good (terms t) ->
  near (S i + depth t) (INR (length (terms t)) * (w + z)) (evaluate f g t) (exactly (terms t)).
Proof.
assert (one : forall a, good a -> near (S i) (w + z) (rnd (f a * g a)) (exact a)).
{ intros a Ga; rewrite Rplus_comm; change (S i) with (1 + i)%nat; apply near_trans with (f a * g a); try easy; [|auto].
  rewrite <- (Rplus_0_r (f a * g a)); apply product_near; auto; lra. }
induction t as [|a|s IHs t IHt|a t IHt]; intros good_t.
- unfold sum; simpl terms; simpl evaluate; simpl fold_right; simpl length; simpl (INR 0); rewrite Rmult_0_l.
  apply near_mono with (k := 0%nat) (z := 0); [lia|lra|apply near_refl; lra].
- inversion good_t; subst; unfold sum; simpl; rewrite Nat.add_0_r, !Rplus_0_r, Rmult_1_l; auto.
- simpl in good_t; apply Forall_app in good_t; destruct good_t as [good_s good_t].
  specialize (IHs good_s); specialize (IHt good_t).
  assert (FS := format_evaluate f g s); assert (FT := format_evaluate f g t).
  simpl terms; rewrite !map_app, !sum_app, app_length, plus_INR; simpl evaluate; simpl depth.
  destruct (terms s) as [|a ss] eqn:Es.
  { rewrite (evaluate_nothing f g Es), (Rplus_0_l (evaluate f g t)), rnd_format by easy.
    unfold sum at 1; simpl fold_right; simpl (length []); simpl (INR 0); rewrite !Rplus_0_l; exact IHt. }
  destruct (terms t) as [|b ts] eqn:Et.
  { rewrite (evaluate_nothing f g Et), (Rplus_0_r (evaluate f g s)), rnd_format by easy.
    unfold sum at 2; simpl fold_right; simpl (length []); simpl (INR 0); rewrite !Rplus_0_r; exact IHs. }
  set (k := Nat.max (depth s) (depth t)).
  set (ns := INR (length (a :: ss))) in *; set (nt := INR (length (b :: ts))) in *.
  assert (Ns : 0 <= ns * (w + z)) by (apply Rmult_le_pos; [apply pos_INR|lra]).
  assert (Nt : 0 <= nt * (w + z)) by (apply Rmult_le_pos; [apply pos_INR|lra]).
  apply near_mono with (l := (S i + k)%nat) (w := ns * (w + z)) in IHs; [|lia|lra].
  apply near_mono with (l := (S i + k)%nat) (w := nt * (w + z)) in IHt; [|lia|lra].
  assert (H := near_plus IHs IHt).
  assert (P : 0 <= evaluate f g s + evaluate f g t) by apply H.
  replace (S i + S k)%nat with (1 + (S i + k))%nat by lia.
  replace ((ns + nt) * (w + z)) with (0 + (ns * (w + z) + nt * (w + z))) by ring.
  apply near_trans with (evaluate f g s + evaluate f g t); [lra|lra|now apply near_rnd_sum|exact H].
- inversion good_t as [|a' l good_a good_s]; subst.
  specialize (IHt good_s); assert (FT := format_evaluate f g t).
  simpl terms; simpl map; simpl length; rewrite S_INR; simpl evaluate; simpl depth.
  change (sum (exact a :: ?l)) with (exact a + sum l).
  destruct (terms t) as [|b ts] eqn:Et.
  { rewrite (evaluate_nothing f g Et); unfold sum; simpl.
    rewrite Nat.add_0_r, !Rplus_0_r, Rplus_0_l, Rmult_1_l; auto. }
  set (nt := INR (length (b :: ts))) in *.
  assert (Nt : 0 <= nt * (w + z)) by (apply Rmult_le_pos; [apply pos_INR|lra]).
  assert (H := factors_near good_a).
  apply near_mono with (l := (S i + depth t)%nat) (w := w) in H; [|lia|lra].
  assert (H' := near_plus H IHt); assert (T0 : 0 <= evaluate f g t) by apply IHt.
  replace (S i + S (depth t))%nat with (1 + (S i + depth t))%nat by lia.
  replace ((nt + 1) * (w + z)) with (z + (w + nt * (w + z))) by ring.
  apply near_trans with (f a * g a + evaluate f g t); [lra|lra|auto|exact H'].
Qed.

Theorem evaluate_near_any_order (ts : list A) (t : order A) : Forall good ts -> Permutation (terms t) ts ->
  near (i + length ts) (INR (length ts) * (w + z)) (evaluate f g t) (exactly ts).
Proof.
intros good_ts perm; destruct ts as [|a ts].
{ apply Permutation_sym, Permutation_nil in perm.
  rewrite evaluate_nothing by easy; unfold sum; simpl; rewrite Rmult_0_l.
  apply near_mono with (k := 0%nat) (z := 0); [lia|lra|apply near_refl; lra]. }
assert (good_t : Forall good (terms t)).
{ rewrite Forall_forall in good_ts |- *; intros b Hb.
  apply good_ts; now apply (Permutation_in _ perm). }
assert (H := evaluate_near good_t); assert (Hd := depth_le t).
rewrite (sum_map_permutation exact perm), (Permutation_length perm) in H.
rewrite (Permutation_length perm) in Hd.
apply near_mono with (3 := H); [simpl in *; lia|].
split; [apply Rmult_le_pos; [apply pos_INR|lra]|lra].
Qed.

End Nonnegative.

Lemma rnd_product_near x y s : 0 <= x * y -> format s -> 0 <= s -> near 1 eta (rnd (x * y + s)) (x * y + s).
Proof. intros P _ S; apply near_rnd; lra. Qed.

Lemma evaluate_ge0 (A : Type) (f g : A -> R) (t : order A) : (forall a, 0 <= f a * g a) -> 0 <= evaluate f g t.
Proof.
intros H; induction t as [|a|s IHs t IHt|a t IHt]; simpl; [lra|auto| |].
- apply rnd_ge0; lra.
- apply rnd_ge0; specialize (H a); lra.
Qed.

(** Magnitudes: what a sum of non-negative numbers of the format is off by. *)
Theorem magnitudes_any_order (xs : list R) (t : order R) :
  Forall (fun x => format x /\ 0 <= x) xs -> Permutation (terms t) xs ->
  near (length xs) 0 (added t) (sum xs).
Proof.
intros F perm.
replace 0 with (INR (length xs) * (0 + 0)) at 1 by ring; rewrite <- (map_id xs) at 3.
apply evaluate_near_any_order with (good := fun x => format x /\ 0 <= x) (i := 0%nat); try easy; try apply Rle_refl.
- intros x [_ x0]; rewrite Rmult_1_r; now apply near_refl.
- intros x s [Fx x0] Fs s0; rewrite Rmult_1_r; apply near_rnd_sum; [lra|easy|easy].
Qed.

(* ------------------------------------------------------------------------------- distances from their differences *)

Lemma difference_near p : formats p -> near 1 0 (Rabs (difference p)) (Rabs (fst p - snd p)).
Proof.
intros F; destruct (difference_rounding F) as (e & He & ->).
rewrite Rabs_mult; assert (H := Rle_trans _ _ _ He share_le_u); apply Rabs_le_inv in H; assert (Hu := u_le).
rewrite (Rabs_pos_eq (1 + e)) by lra; apply near_share; [apply Rabs_pos|easy].
Qed.

Lemma near_square k c e : near k 0 c e -> near (k + k) 0 (c * c) (e ^ 2).
Proof.
intros (c0 & e0 & H1 & H2); rewrite !Rplus_0_r in *; assert (P := power_ge1 u_ge0 k).
unfold near; rewrite pow_add, !Rplus_0_r; set (p := (1 + u) ^ k) in *.
repeat split; nra.
Qed.

Lemma squared_difference_near p : formats p -> near 2 0 (difference p * difference p) ((fst p - snd p) ^ 2).
Proof.
intros F; assert (H := near_square (difference_near F)).
rewrite <- Rabs_mult, pow2_abs in H; rewrite Rabs_pos_eq in H by apply Rle_0_sqr; exact H.
Qed.

Lemma squares_near (xy : list (R * R)) (t : order (R * R)) : Forall formats xy -> Permutation (terms t) xy ->
  near (2 + length xy) (INR (length xy) * eta) (evaluate difference difference t)
    (sum (map (fun p => (fst p - snd p) ^ 2) xy)).
Proof.
intros F perm; rewrite <- (Rplus_0_l eta).
apply evaluate_near_any_order with (good := formats); try easy.
- apply Rle_refl.
- intros p Fp; now apply squared_difference_near.
- intros p s Fp; apply rnd_product_near, Rle_0_sqr.
Qed.

(** The smallest numbers are far below u: so that square roots do not underflow, nor what a scaled norm loses count. *)
Hypothesis emin_small : (emin <= -3 * prec - 4)%Z.

Let root_underflow : (emin <= 2 * (1 - prec))%Z. Proof. lia. Qed.

Lemma near_rnd_sqrt x : format x -> 0 <= x -> near 1 0 (rnd (sqrt x)) (sqrt x).
Proof.
intros F x0.
destruct (sqrt_error_N_FLT_ex radix2 prec (fun n => negb (Z.even n)) prec_gt1 emin root_underflow x F) as (e & He & H).
fold (rnd (sqrt x)) in H; rewrite H; apply near_share; [apply sqrt_pos|].
apply Rle_trans with (1 := He); rewrite <- u_flocq.
apply om1ds1p2u_ro_le_u_rod1pu_ro; easy.
Qed.

(** Euclidean distances from differences of coordinates, the bound in terms of the distance computed. *)
Theorem euclidean_any_order (xy : list (R * R)) (t : order (R * R)) : let n := length xy in let k := (3 + n)%nat in
  Forall formats xy -> Permutation (terms t) xy -> INR k * u < 1 ->
  let r := rnd (sqrt (evaluate difference difference t)) in
  Rabs (r - sqrt (sum (map (fun p => (fst p - snd p) ^ 2) xy)))
  <= gamma u k * r + (1 + gamma u k) * sqrt (INR n * eta).
Proof.
intros n k F perm Hk r.
assert (N : 0 <= INR n * eta) by (apply Rmult_le_pos; [apply pos_INR|easy]).
apply near_gamma; [apply sqrt_pos|easy|].
assert (H := squares_near F perm); fold n in H.
rewrite <- (Rplus_0_l (sqrt (INR n * eta))); change k with (1 + (2 + n))%nat.
apply near_trans with (sqrt (evaluate difference difference t)); [apply Rle_refl|apply sqrt_pos| |now apply near_sqrt].
apply near_rnd_sqrt; [apply format_evaluate|apply H].
Qed.

(** The same for p = 1: nothing underflows. *)
Theorem manhattan_any_order (xy : list (R * R)) (t : order (R * R)) : let n := length xy in let k := (1 + n)%nat in
  Forall formats xy -> Permutation (terms t) xy -> INR k * u < 1 ->
  let r := evaluate (fun p => Rabs (difference p)) (fun _ => 1) t in
  Rabs (r - sum (map (fun p => Rabs (fst p - snd p)) xy)) <= gamma u k * r.
Proof.
intros n k F perm Hk r.
rewrite <- (Rplus_0_r (gamma u k * r)), <- (Rmult_0_r (1 + gamma u k)).
apply near_gamma; [apply Rle_refl|easy|].
replace 0 with (INR (length xy) * (0 + 0)) by ring.
apply evaluate_near_any_order with (good := formats); try easy; try apply Rle_refl.
- intros p Fp; rewrite Rmult_1_r; now apply difference_near.
- intros p s Fp Fs s0; rewrite Rmult_1_r; apply near_rnd_sum; [|apply format_Rabs, format_rnd|easy].
  apply Rplus_le_le_0_compat; [apply Rabs_pos|easy].
Qed.

(** And for p = oo: the largest is one of them, so one rounding is all. *)
Theorem chebyshev (xy : list (R * R)) : Forall formats xy ->
  let r := largest (map (fun p => Rabs (difference p)) xy) in
  Rabs (r - largest (map (fun p => Rabs (fst p - snd p)) xy)) <= gamma u 1 * r.
Proof.
intros F r; assert (Hu : INR 1 * u < 1) by (assert (H := u_le); simpl; lra).
rewrite <- (Rplus_0_r (gamma u 1 * r)), <- (Rmult_0_r (1 + gamma u 1)).
apply near_gamma; [apply Rle_refl|easy|].
unfold r; clear r; induction F as [|p xy Fp F IH]; simpl.
- apply near_mono with (k := 0%nat) (z := 0); [lia|lra|apply near_refl, Rle_refl].
- apply near_max; [now apply difference_near|exact IH].
Qed.

(* -------------------------------------------------------- norms scaled by the largest coordinate, against underflow *)

Lemma eta_le : 32 * eta <= u * u * u.
Proof.
unfold u, eta; replace 32 with (bpow radix2 5) by (simpl; lra).
rewrite <- !bpow_plus; apply bpow_le; lia.
Qed.

Lemma eta_le1 : eta <= 1.
Proof. assert (H := eta_le); assert (U := u_le); assert (U0 := u_gt0); nra. Qed.

Lemma largest_ge0 (xs : list R) : 0 <= largest xs.
Proof. unfold largest; induction xs as [|x xs IH]; simpl; [lra|apply Rle_trans with (1 := IH), Rmax_r]. Qed.

Lemma le_largest (xs : list R) x : In x xs -> x <= largest xs.
Proof.
unfold largest; induction xs as [|y xs IH]; simpl; [easy|intros [<-|H]]; [apply Rmax_l|].
apply Rle_trans with (1 := IH H), Rmax_r.
Qed.

Lemma largest_le (xs : list R) y : 0 <= y -> (forall x, In x xs -> x <= y) -> largest xs <= y.
Proof.
intros y0; unfold largest; induction xs as [|x xs IH]; simpl; intros H; [easy|].
apply Rmax_lub; [apply H; now left|apply IH; intros; apply H; now right].
Qed.

(** The coordinates divided by the largest, for the sums of both norms. *)
Definition scale (xy : list (R * R)) : R := largest (map (fun p => Rabs (difference p)) xy).
Definition ratio (unit : R) (p : R * R) : R := rnd (difference p / unit).

Lemma near_rnd_square q : Rabs q <= 1 -> near 2 (3 * eta) (rnd q * rnd q) (q * q).
Proof.
intros Hq; destruct (rounding q) as (e & h & He & Hh & Hz & E).
assert (E0 := eta_ge0); assert (E1 := eta_le1).
destruct (Rmult_integral _ _ Hz) as [-> | ->].
- apply near_mono with (k := 0%nat) (z := 3 * eta); [lia|lra|].
  rewrite Rplus_0_r, Rmult_1_r in E; rewrite E.
  assert (Hqh : Rabs (q * h) <= 1 * eta) by (rewrite Rabs_mult; apply Rmult_le_compat; try apply Rabs_pos; easy).
  assert (Hhh : Rabs (h * h) <= 1 * eta).
  { rewrite Rabs_mult; apply Rmult_le_compat; try apply Rabs_pos; [lra|easy]. }
  apply Rabs_le_inv in Hqh; apply Rabs_le_inv in Hhh.
  assert (0 <= q * q) by apply Rle_0_sqr; assert (0 <= (q + h) * (q + h)) by apply Rle_0_sqr.
  repeat split; simpl; lra.
- rewrite Rplus_0_r in E.
  assert (H : near 1 0 (Rabs (rnd q)) (Rabs q)).
  { rewrite E, Rabs_mult; assert (H := Rle_trans _ _ _ He share_le_u); apply Rabs_le_inv in H; assert (Hu := u_le).
    rewrite (Rabs_pos_eq (1 + e)) by lra; apply near_share; [apply Rabs_pos|easy]. }
  apply near_square in H; rewrite pow2_abs, <- Rabs_mult, Rabs_pos_eq in H by apply Rle_0_sqr.
  replace (q ^ 2) with (q * q) in H by ring.
  apply near_mono with (3 := H); [lia|lra].
Qed.

(** What is lost as a share of the largest coordinate is one rounding more. *)
Lemma near_absorb k q unit r e : INR (S k) * u <= / 2 -> 0 <= q <= u / 4 -> 0 <= unit <= (1 + u) * e ->
  near k (eta + unit * q) r e -> near (S k) eta r e.
Proof.
intros Hk [q0 Hq] [unit0 Hunit] (r0 & e0 & H1 & H2).
assert (P := power_ge1 u_ge0 k); assert (P2 := power_le2 u_ge0 Hk); rewrite <- tech_pow_Rmult in P2.
assert (U0 := u_gt0); assert (U := u_le); assert (E0 := eta_ge0).
assert (Huq : unit * q <= (1 + u) * (u / 4) * e).
{ apply Rle_trans with ((1 + u) * e * (u / 4)); [apply Rmult_le_compat; lra|lra]. }
unfold near; rewrite <- tech_pow_Rmult; set (p := (1 + u) ^ k) in *.
assert (p <= 2) by nra.
repeat split; try easy.
- assert (p * (unit * q) <= 2 * ((1 + u) * (u / 4) * e)).
  { apply Rmult_le_compat; try lra; now apply Rmult_le_pos. }
  assert (H3 : e * (1 - (1 + u) * (u / 2)) <= p * (r + eta)) by lra.
  assert (Hpe : 0 <= p * (r + eta)) by (apply Rmult_le_pos; lra).
  apply (Rmult_le_compat_l (1 + u)) in H3; [|lra].
  assert (e <= (1 + u) * (e * (1 - (1 + u) * (u / 2)))); [|lra].
  assert (0 <= e * (u - (1 + u) * (1 + u) * (u / 2))) by (apply Rmult_le_pos; [easy|nra]).
  lra.
- apply Rle_trans with (1 := H2); rewrite (Rmult_comm (1 + u) p), Rmult_assoc.
  apply Rmult_le_compat_l; [lra|].
  assert ((1 + u) * (u / 4) * e <= u * e) by (apply Rmult_le_compat_r; [easy|nra]).
  assert (0 <= u * eta) by (apply Rmult_le_pos; lra).
  lra.
Qed.

Section Scaled.
Variables (xy : list (R * R)) (t : order (R * R)).
Hypotheses (F : Forall formats xy) (perm : Permutation (terms t) xy).
Notation n := (length xy).
Notation unit := (scale xy).

Lemma scale_ge0 : 0 <= unit.
Proof. apply largest_ge0. Qed.

Lemma format_largest (xs : list R) : Forall format xs -> format (largest xs).
Proof.
unfold largest; induction 1 as [|x xs Fx _ IH]; simpl; [apply format0|].
unfold Rmax; destruct (Rle_dec _ _); easy.
Qed.

(** The largest difference of coordinates is at most any norm, once rounded. *)
Lemma scale_le e : 0 <= e -> (forall p, In p xy -> Rabs (fst p - snd p) <= e) -> unit <= (1 + u) * e.
Proof.
intros e0 H; assert (Hu := u_ge0); apply largest_le; [apply Rmult_le_pos; lra|].
intros x Hx; apply in_map_iff in Hx; destruct Hx as (p & <- & Hp).
rewrite Forall_forall in F; destruct (difference_near (F _ Hp)) as (_ & _ & _ & H2).
simpl in H2; rewrite Rmult_1_r, Rplus_0_r in H2; apply Rle_trans with (1 := H2).
apply Rmult_le_compat_l; [lra|auto].
Qed.

Lemma scale0 : unit = 0 -> forall p, In p xy -> fst p - snd p = 0.
Proof.
intros H p Hp; rewrite Forall_forall in F; destruct (difference_near (F _ Hp)) as (_ & _ & H1 & _).
assert (Hd : Rabs (difference p) <= unit).
{ apply le_largest, in_map_iff; now exists p. }
assert (D0 := Rabs_pos (difference p)); replace (Rabs (difference p)) with 0 in H1 by lra.
apply Rabs_eq_R0; rewrite !Rplus_0_r, Rmult_0_r in H1; assert (D1 := Rabs_pos (fst p - snd p)); lra.
Qed.

Lemma ratio_le1 p : 0 < unit -> In p xy -> Rabs (difference p / unit) <= 1.
Proof.
intros H Hp; unfold Rdiv; rewrite Rabs_mult, Rabs_inv, (Rabs_pos_eq unit) by lra.
apply Rmult_le_reg_r with unit; [easy|].
rewrite Rmult_assoc, Rinv_l, Rmult_1_r, Rmult_1_l by lra.
apply le_largest, in_map_iff; now exists p.
Qed.

Let good p := In p xy.
Let good_xy : Forall good xy.
Proof. now apply Forall_forall. Qed.

Lemma n_eta_le k : INR (k + n) * u <= / 2 -> INR n * eta <= u * u / 64.
Proof.
intros Hk; assert (U0 := u_gt0); assert (E := eta_le); assert (N := pos_INR n).
assert (Hn : INR n * u <= / 2).
{ apply Rle_trans with (2 := Hk), Rmult_le_compat_r; [lra|apply le_INR; lia]. }
apply Rmult_le_reg_l with 32; [lra|].
apply Rle_trans with (INR n * (u * u * u)).
- assert (INR n * (32 * eta) <= INR n * (u * u * u)) by now apply Rmult_le_compat_l.
  lra.
- assert (INR n * u * (u * u) <= / 2 * (u * u)) by (apply Rmult_le_compat_r; [nra|easy]).
  lra.
Qed.

Theorem euclidean_scaled : let k := (7 + n)%nat in INR k * u <= / 2 ->
  let r := rnd (rnd (sqrt (evaluate (ratio unit) (ratio unit) t)) * unit) in
  Rabs (r - sqrt (sum (map (fun p => (fst p - snd p) ^ 2) xy))) <= gamma u k * r + (1 + gamma u k) * eta.
Proof.
intros k Hk r.
apply near_gamma; [easy|lra|].
set (e := sqrt (sum (map (fun p => (fst p - snd p) ^ 2) xy))).
assert (e0 : 0 <= e) by apply sqrt_pos.
destruct (Req_dec unit 0) as [Hunit|Hunit].
{ replace e with 0.
  - unfold r; rewrite Hunit, Rmult_0_r, (rnd_format format0).
    apply near_mono with (k := 0%nat) (z := 0); [lia|assert (H := eta_ge0); lra|apply near_refl; lra].
  - unfold e; replace (sum _) with 0; [now rewrite sqrt_0|].
    symmetry; apply sum_map0; intros p Hp; rewrite (scale0 Hunit Hp); ring. }
assert (unit_gt0 : 0 < unit) by (assert (H := scale_ge0); lra).
assert (U0 := u_gt0); assert (E0 := eta_gt0).
set (w := INR n * (3 * eta + eta)).
assert (w0 : 0 <= w) by (apply Rmult_le_pos; [apply pos_INR|lra]).
set (v := / unit).
assert (v0 : 0 < v) by now apply Rinv_0_lt_compat.
assert (H : near (4 + n) w (evaluate (ratio unit) (ratio unit) t)
              (sum (map (fun p => v * v * (fst p - snd p) ^ 2) xy))).
{ apply evaluate_near_any_order with (good := good); try easy; try lra.
  - intros p Hp; rewrite Forall_forall in F; replace (3 * eta) with (3 * eta + 0) by ring.
    change 4%nat with (2 + 2)%nat; apply near_trans with (difference p / unit * (difference p / unit)); [lra|lra| |].
    + now apply near_rnd_square, ratio_le1.
    + replace (difference p / unit * (difference p / unit)) with (v * v * (difference p * difference p))
        by (unfold v, Rdiv; ring).
      rewrite <- (Rmult_0_r (v * v)).
      apply near_scale; [apply Rmult_le_pos; lra|apply squared_difference_near; auto].
  - intros p s Hp; apply rnd_product_near, Rle_0_sqr. }
set (c := evaluate (ratio unit) (ratio unit) t) in *.
assert (Hs := near_sqrt w0 H).
assert (Hr : near 1 0 (rnd (sqrt c)) (sqrt c)).
{ apply near_rnd_sqrt; [apply format_evaluate|apply H]. }
assert (H2 := near_trans (Rle_refl 0) (sqrt_pos w) Hr Hs).
apply (near_scale (q := unit)) in H2; [|lra].
assert (Ee : unit * sqrt (sum (map (fun p => v * v * (fst p - snd p) ^ 2) xy)) = e).
{ rewrite (sum_map_scale (fun p => (fst p - snd p) ^ 2)), sqrt_mult_alt, sqrt_square by (try apply Rle_0_sqr; lra).
  unfold v; fold e; field; easy. }
rewrite Ee, Rplus_0_l in H2.
assert (H3 : near 1 eta r (unit * rnd (sqrt c))).
{ unfold r; fold c; rewrite (Rmult_comm unit); apply near_rnd.
  apply Rmult_le_pos; [apply rnd_ge0, sqrt_pos|lra]. }
assert (H4 := near_trans eta_ge0 (Rmult_le_pos _ _ (Rlt_le _ _ unit_gt0) (sqrt_pos w)) H3 H2).
apply near_absorb with (4 := H4); [exact Hk| |].
- split; [apply sqrt_pos|].
  rewrite <- (sqrt_Rsqr (u / 4)) by lra; apply sqrt_le_1_alt; unfold Rsqr, w.
  assert (Hn := n_eta_le (k := 7) Hk); lra.
- split; [lra|]; apply scale_le; [easy|].
  intros p Hp; rewrite <- sqrt_Rsqr_abs; apply sqrt_le_1_alt.
  replace (Rsqr (fst p - snd p)) with ((fst p - snd p) ^ 2) by (unfold Rsqr; ring).
  apply (le_sum (F := fun p => (fst p - snd p) ^ 2)); [intros; apply pow2_ge_0|easy].
Qed.

Theorem manhattan_scaled : let k := (4 + n)%nat in INR k * u <= / 2 ->
  let r := rnd (evaluate (fun p => Rabs (ratio unit p)) (fun _ => 1) t * unit) in
  Rabs (r - sum (map (fun p => Rabs (fst p - snd p)) xy)) <= gamma u k * r + (1 + gamma u k) * eta.
Proof.
intros k Hk r.
apply near_gamma; [easy|lra|].
set (e := sum (map (fun p => Rabs (fst p - snd p)) xy)).
assert (e0 : 0 <= e) by (apply sum_ge0; intros; apply Rabs_pos).
destruct (Req_dec unit 0) as [Hunit|Hunit].
{ replace e with 0.
  - unfold r; rewrite Hunit, Rmult_0_r, (rnd_format format0).
    apply near_mono with (k := 0%nat) (z := 0); [lia|assert (H := eta_ge0); lra|apply near_refl; lra].
  - symmetry; apply sum_map0; intros p Hp; rewrite (scale0 Hunit Hp); apply Rabs_R0. }
assert (unit_gt0 : 0 < unit) by (assert (H := scale_ge0); lra).
assert (U0 := u_gt0); assert (E0 := eta_gt0).
set (w := INR n * (eta + 0)).
assert (w0 : 0 <= w) by (apply Rmult_le_pos; [apply pos_INR|lra]).
set (v := / unit).
assert (v0 : 0 < v) by now apply Rinv_0_lt_compat.
assert (H : near (2 + n) w (evaluate (fun p => Rabs (ratio unit p)) (fun _ => 1) t)
              (sum (map (fun p => v * Rabs (fst p - snd p)) xy))).
{ apply evaluate_near_any_order with (good := good); try easy; try lra.
  - intros p Hp; rewrite Forall_forall in F; rewrite Rmult_1_r; replace eta with (eta + 0) by ring.
    change 2%nat with (1 + 1)%nat; apply near_trans with (Rabs (difference p / unit)); [lra|lra| |].
    + unfold ratio; rewrite rnd_Rabs; apply near_rnd, Rabs_pos.
    + replace (Rabs (difference p / unit)) with (v * Rabs (difference p)).
      * rewrite <- (Rmult_0_r v); apply near_scale; [lra|apply difference_near; auto].
      * unfold v, Rdiv; rewrite Rabs_mult, Rabs_inv, (Rabs_pos_eq unit) by lra; ring.
  - intros p s _ Fs s0; rewrite Rmult_1_r; apply near_rnd_sum; [|apply format_Rabs, format_rnd|easy].
    apply Rplus_le_le_0_compat; [apply Rabs_pos|easy]. }
set (c := evaluate (fun p => Rabs (ratio unit p)) (fun _ => 1) t) in *.
apply (near_scale (q := unit)) in H; [|lra].
assert (Ee : unit * sum (map (fun p => v * Rabs (fst p - snd p)) xy) = e).
{ rewrite (sum_map_scale (fun p => Rabs (fst p - snd p))); unfold v; fold e; field; easy. }
rewrite Ee in H.
assert (H3 : near 1 eta r (unit * c)).
{ unfold r; fold c; rewrite (Rmult_comm unit); apply near_rnd.
  apply Rmult_le_pos; [|lra].
  destruct H as (H & _); apply Rmult_le_reg_l with unit; [easy|now rewrite Rmult_0_r]. }
assert (H4 := near_trans eta_ge0 (Rmult_le_pos _ _ (Rlt_le _ _ unit_gt0) w0) H3 H).
apply near_absorb with (4 := H4); [exact Hk| |].
- split; [easy|]; unfold w; rewrite Rplus_0_r.
  assert (Hn := n_eta_le (k := 4) Hk); assert (Hu := u_le); nra.
- split; [lra|]; apply scale_le; [easy|].
  intros p Hp; apply (le_sum (F := fun p => Rabs (fst p - snd p))); [intros; apply Rabs_pos|easy].
Qed.

End Scaled.

(* ------------------------------------------------------------------------- what comes of values that are inexact *)

Lemma rnd_error_computed x : Rabs (rnd x - x) <= u * Rabs (rnd x) + eta.
Proof.
destruct (rounding x) as (e & h & He & Hh & Hz & E).
assert (U0 := u_ge0); assert (E0 := eta_ge0); assert (X := Rabs_pos x).
destruct (Rmult_integral _ _ Hz) as [-> | ->].
- replace (rnd x - x) with h by (rewrite E; ring).
  assert (0 <= u * Rabs (rnd x)) by (apply Rmult_le_pos; [easy|apply Rabs_pos]); lra.
- rewrite Rplus_0_r in E.
  assert (H : near 1 0 (Rabs (rnd x)) (Rabs x)).
  { rewrite E, Rabs_mult; assert (H := Rle_trans _ _ _ He share_le_u); apply Rabs_le_inv in H; assert (Hu := u_le).
    rewrite (Rabs_pos_eq (1 + e)) by lra; apply near_share; [easy|easy]. }
  destruct H as (_ & _ & H & _); simpl in H; rewrite Rmult_1_r, Rplus_0_r in H.
  replace (rnd x - x) with (e * x) by (rewrite E; ring); rewrite Rabs_mult.
  assert (H1 : Rabs e * Rabs x <= u / (1 + u) * ((1 + u) * Rabs (rnd x))).
  { apply Rmult_le_compat; try apply Rabs_pos; easy. }
  replace (u / (1 + u) * ((1 + u) * Rabs (rnd x))) with (u * Rabs (rnd x)) in H1 by (field; lra).
  lra.
Qed.

Lemma rnd_sum_error_computed x y : format x -> format y -> Rabs (rnd (x + y) - (x + y)) <= u * Rabs (rnd (x + y)).
Proof.
intros Fx Fy; destruct (rounding_sum Fx Fy) as (e & He & E); set (s := x + y) in *.
assert (U0 := u_ge0); assert (X := Rabs_pos s).
assert (H : near 1 0 (Rabs (rnd s)) (Rabs s)).
{ rewrite E, Rabs_mult; assert (H := Rle_trans _ _ _ He share_le_u); apply Rabs_le_inv in H; assert (Hu := u_le).
  rewrite (Rabs_pos_eq (1 + e)) by lra; apply near_share; [easy|easy]. }
destruct H as (_ & _ & H & _); simpl in H; rewrite Rmult_1_r, Rplus_0_r in H.
replace (rnd s - s) with (e * s) by (rewrite E; ring); rewrite Rabs_mult.
assert (H1 : Rabs e * Rabs s <= u / (1 + u) * ((1 + u) * Rabs (rnd s))).
{ apply Rmult_le_compat; try apply Rabs_pos; easy. }
replace (u / (1 + u) * ((1 + u) * Rabs (rnd s))) with (u * Rabs (rnd s)) in H1 by (field; lra).
easy.
Qed.

Theorem product_inexact a b x y da db : Rabs (a - x) <= da -> Rabs (b - y) <= db ->
  Rabs (rnd (a * b) - x * y)
  <= Rabs a * db + Rabs b * da + da * db + u * Rabs (rnd (a * b)) + eta.
Proof.
intros Ha Hb.
assert (A := Rabs_pos a); assert (B := Rabs_pos b).
assert (da0 := Rle_trans _ _ _ (Rabs_pos _) Ha).
replace (rnd (a * b) - x * y) with (rnd (a * b) - a * b + (a * (b - y) + b * (a - x) - (a - x) * (b - y))) by ring.
apply Rle_trans with (1 := Rabs_triang _ _).
assert (H1 := rnd_error_computed (a * b)).
assert (H2 : Rabs (a * (b - y) + b * (a - x) - (a - x) * (b - y))
             <= Rabs (a * (b - y)) + Rabs (b * (a - x)) + Rabs ((a - x) * (b - y))).
{ apply Rle_trans with (1 := Rabs_triang _ _); rewrite Rabs_Ropp; apply Rplus_le_compat_r, Rabs_triang. }
rewrite !Rabs_mult in H2.
assert (Rabs a * Rabs (b - y) <= Rabs a * db) by now apply Rmult_le_compat_l.
assert (Rabs b * Rabs (a - x) <= Rabs b * da) by now apply Rmult_le_compat_l.
assert (Rabs (a - x) * Rabs (b - y) <= da * db) by (apply Rmult_le_compat; try apply Rabs_pos; easy).
lra.
Qed.

Theorem difference_inexact a b x y da db : format a -> format b -> Rabs (a - x) <= da -> Rabs (b - y) <= db ->
  Rabs (rnd (a - b) - (x - y)) <= da + db + gamma u 1 * Rabs (rnd (a - b)).
Proof.
intros Fa Fb Ha Hb.
assert (H := rnd_sum_error_computed Fa (format_Ropp Fb)).
assert (G : u <= gamma u 1).
{ assert (Hu : INR 1 * u < 1) by (assert (H' := u_le); simpl; lra).
  assert (G := power_le_gamma u_ge0 Hu); simpl in G; lra. }
apply (Rmult_le_compat_r (Rabs (rnd (a - b)))) in G; [|apply Rabs_pos].
replace (rnd (a - b) - (x - y)) with (rnd (a + - b) - (a + - b) + ((a - x) - (b - y))) by (unfold Rminus; ring).
apply Rle_trans with (1 := Rabs_triang _ _).
assert (H2 : Rabs ((a - x) - (b - y)) <= Rabs (a - x) + Rabs (b - y)).
{ apply Rle_trans with (1 := Rabs_triang _ _); rewrite Rabs_Ropp; lra. }
unfold Rminus in *; lra.
Qed.

(** A mean: a sum in any order, and a division, which may underflow. *)
Theorem mean_any_order (xs : list R) (t : order R) : let n := length xs in (0 < n)%nat ->
  Forall format xs -> Permutation (terms t) xs -> INR n * u < 1 ->
  Rabs (rnd (added t / INR n) - sum xs / INR n) <= gamma u n * (sum (map Rabs xs) / INR n) + eta.
Proof.
intros n n_gt0 F perm Hn.
assert (N : 0 < INR n) by now apply lt_0_INR.
assert (S0 : 0 <= sum (map Rabs xs)) by (apply sum_ge0, Rabs_pos).
assert (Hs : Rabs (added t - sum xs) <= ((1 + u) ^ Nat.pred n - 1) * sum (map Rabs xs)).
{ assert (Ft : Forall format (terms t)).
  { rewrite Forall_forall in F |- *; intros x Hx; apply F; now apply (Permutation_in _ perm). }
  assert (H := sum_by_depth Ft); assert (Hd := depth_le t).
  rewrite (sum_permutation perm), (sum_map_permutation Rabs perm) in H.
  rewrite (Permutation_length perm) in Hd; fold n in Hd.
  apply Rle_trans with (1 := H), Rmult_le_compat_r; [easy|].
  assert (H' := power_mono u_ge0 Hd); lra. }
assert (G := power_le_gamma u_ge0 Hn).
assert (Hr := rnd_error (added t / INR n)).
assert (Hsum := sum_Rabs (fun x => x) xs); rewrite map_id in Hsum; change (fun x => Rabs x) with Rabs in Hsum.
replace n with (S (Nat.pred n)) in G by lia; rewrite <- tech_pow_Rmult in G.
replace (S (Nat.pred n)) with n in G by lia.
set (p := (1 + u) ^ Nat.pred n) in *; set (m := sum (map Rabs xs)) in *; set (s := sum xs) in *; set (c := added t) in *.
assert (U0 := u_ge0).
assert (Hc : Rabs c <= m + Rabs (c - s)).
{ replace c with (s + (c - s)) at 1 by ring; apply Rle_trans with (1 := Rabs_triang _ _); lra. }
assert (Hd : Rabs (c / INR n - s / INR n) <= (p - 1) * (m / INR n)).
{ replace (c / INR n - s / INR n) with ((c - s) / INR n) by (field; lra).
  unfold Rdiv; rewrite Rabs_mult, Rabs_inv, (Rabs_pos_eq (INR n)) by lra.
  rewrite <- Rmult_assoc; apply Rmult_le_compat_r; [apply Rlt_le, Rinv_0_lt_compat|]; easy. }
assert (Hq : Rabs (c / INR n) <= p * (m / INR n)).
{ unfold Rdiv; rewrite Rabs_mult, Rabs_inv, (Rabs_pos_eq (INR n)) by lra.
  rewrite <- Rmult_assoc; apply Rmult_le_compat_r; [apply Rlt_le, Rinv_0_lt_compat|]; [easy|lra]. }
replace (rnd (c / INR n) - s / INR n) with (rnd (c / INR n) - c / INR n + (c / INR n - s / INR n)) by ring.
apply Rle_trans with (1 := Rabs_triang _ _).
apply (Rmult_le_compat_l u) in Hq; [|easy].
assert (m0 : 0 <= m / INR n) by (apply Rmult_le_pos; [easy|apply Rlt_le, Rinv_0_lt_compat; easy]).
apply (Rmult_le_compat_r (m / INR n)) in G; [|easy].
lra.
Qed.

(** A weighted mean: the weights are added up in any order and each is divided by their sum, which may underflow, and the
    products with these shares are added up in any order. *)
Section WeightedMean.
Variables (xw : list (R * R)) (t : order (R * R)) (s : order R).
Hypothesis weights : Forall (fun p => format (snd p) /\ 0 <= snd p) xw.
Hypotheses (perm : Permutation (terms t) xw) (perm' : Permutation (terms s) (map snd xw)).
Notation n := (length xw).
Notation whole := (sum (map snd xw)).
Hypothesis whole_gt0 : 0 < whole.
Notation share p := (snd p / whole).
Notation share_computed p := (rnd (snd p / added s)).
Notation weighed := (sum (map (fun p => Rabs (fst p) * share p) xw)).
Notation sizes := (sum (map (fun p => Rabs (fst p)) xw)).

Lemma near_inv k c e : 0 < e -> near k 0 c e -> near k 0 (/ c) (/ e).
Proof.
intros e0 (c0 & _ & H1 & H2); rewrite Rplus_0_r in H1, H2; assert (P := power_ge1 u_ge0 k).
set (p := (1 + u) ^ k) in *.
assert (c1 : 0 < c).
{ destruct c0 as [H | H]; [easy|rewrite <- H, Rmult_0_r in H1; lra]. }
assert (C := Rinv_0_lt_compat c c1); assert (E := Rinv_0_lt_compat e e0).
fold p; repeat split; try lra; rewrite Rplus_0_r; fold p.
- apply Rmult_le_reg_l with e; [easy|]; apply Rmult_le_reg_r with c; [easy|].
  replace (e * / e * c) with c by (field; lra); replace (e * (p * / c) * c) with (p * e) by (field; lra); easy.
- apply Rmult_le_reg_l with c; [easy|]; apply Rmult_le_reg_r with e; [easy|].
  replace (c * / c * e) with e by (field; lra); replace (c * (p * / e) * e) with (p * c) by (field; lra); easy.
Qed.

Lemma share_near p : In p xw -> near (1 + n) eta (share_computed p) (share p).
Proof.
intros Hp; rewrite Forall_forall in weights; destruct (weights p Hp) as [_ w0].
assert (H : near n 0 (added s) whole).
{ rewrite <- (map_length snd xw); apply magnitudes_any_order; [|easy].
  apply Forall_forall; intros w Hw; apply in_map_iff in Hw; destruct Hw as (q & <- & Hq); auto. }
apply near_inv in H; [|easy].
apply (near_scale w0) in H; rewrite Rmult_0_r in H.
rewrite <- (Rplus_0_r eta); apply near_trans with (snd p / added s); [easy|apply Rle_refl| |exact H].
apply near_rnd, H.
Qed.

(** What the shares are off by, added up. *)
Lemma shares_error (q : R) (l : list (R * R)) : 1 <= q ->
  (forall p, In p l -> 0 <= share p /\ Rabs (share_computed p - share p) <= (q - 1) * share p + q * eta) ->
  let m := sum (map (fun p => Rabs (fst p) * share p) l) in let x := sum (map (fun p => Rabs (fst p)) l) in
  Rabs (sum (map (fun p => fst p * share_computed p) l) - sum (map (fun p => fst p * share p) l))
  <= (q - 1) * m + q * eta * x
  /\ sum (map (fun p => Rabs (fst p * share_computed p)) l) <= q * m + q * eta * x.
Proof.
intros q1; induction l as [|p l IH]; intros H m x.
- unfold m, x, sum; simpl; rewrite Rminus_0_r, Rabs_R0; lra.
- destruct IH as [I1 I2]; [intros; apply H; now right|].
  destruct (H p) as [s0 Hs]; [now left|].
  unfold m, x; rewrite !sum_cons.
  assert (X := Rabs_pos (fst p)).
  set (c := share_computed p) in *; set (e := snd p / whole) in *.
  assert (D : Rabs (fst p) * Rabs (c - e) <= Rabs (fst p) * ((q - 1) * e + q * eta)) by now apply Rmult_le_compat_l.
  split.
  + set (a := sum (map (fun p => fst p * share_computed p) l)) in *.
    set (b := sum (map (fun p => fst p * share p) l)) in *.
    replace (fst p * c + a - (fst p * e + b)) with (fst p * (c - e) + (a - b)) by ring.
    apply Rle_trans with (1 := Rabs_triang _ _); rewrite Rabs_mult; lra.
  + assert (C : Rabs c <= Rabs (c - e) + e).
    { replace c with ((c - e) + e) at 1 by ring; apply Rle_trans with (1 := Rabs_triang _ _).
      rewrite (Rabs_pos_eq e) by easy; lra. }
    apply (Rmult_le_compat_l (Rabs (fst p))) in C; [|easy]; rewrite Rabs_mult; lra.
Qed.

(** The exact shares in terms of those computed. *)
Lemma weighed_le :
  weighed <= (1 + u) ^ (1 + n) * (sum (map (fun p => Rabs (fst p * share_computed p)) xw) + eta * sizes).
Proof.
assert (H : forall p, In p xw -> share p <= (1 + u) ^ (1 + n) * (Rabs (share_computed p) + eta)).
{ intros p Hp; destruct (share_near Hp) as (c0 & _ & H & _); now rewrite Rabs_pos_eq. }
revert H; set (q := (1 + u) ^ (1 + n)); set (whole' := whole); generalize xw; intros l; induction l as [|p l IH];
  intros H; [unfold sum; simpl; lra|].
rewrite !sum_cons, Rabs_mult; specialize (IH (fun p Hp => H p (or_intror Hp))); specialize (H p (or_introl eq_refl)).
apply (Rmult_le_compat_l (Rabs (fst p))) in H; [|apply Rabs_pos]; lra.
Qed.

Theorem weighted_mean_any_order : let k := (2 * n + 1)%nat in INR k * u < 1 ->
  Rabs (evaluate fst (fun p => share_computed p) t - sum (map (fun p => fst p * share p) xw))
  <= gamma u k * weighed + (1 + gamma u k) * (eta * (sizes + INR n)).
Proof.
intros k Hk; set (q := (1 + u) ^ (1 + n)); set (p := (1 + u) ^ n).
assert (p1 : 1 <= p) by now apply power_ge1.
assert (q1 : 1 <= q) by now apply power_ge1.
assert (n1 : (1 <= n)%nat).
{ destruct xw; simpl; [unfold sum in whole_gt0; simpl in whole_gt0; lra|lia]. }
destruct (@shares_error q xw q1) as [H1 H2].
{ intros a Ha; assert (N := share_near Ha); split; [apply N|].
  rewrite Rabs_minus_sym; now apply near_error, near_sym. }
assert (H : Rabs (evaluate fst (fun p => share_computed p) t - sum (map (fun p => fst p * share_computed p) xw))
            <= (p - 1) * sum (map (fun p => Rabs (fst p * share_computed p)) xw) + p * (INR n * eta)).
{ assert (E : forall a : R * R, True -> Rabs (fst a * share_computed a - fst a * share_computed a)
                                <= ((1 + u) ^ 0 - 1) * Rabs (fst a * share_computed a)).
  { intros; rewrite Rminus_diag_eq, Rabs_R0 by easy; simpl; lra. }
  assert (F : Forall (fun _ : R * R => True) xw) by now apply Forall_forall.
  assert (H := @evaluate_error_count _ fst (fun a => share_computed a) (fun a => fst a * share_computed a)
                 (fun _ => True) 1 eta eta_ge0
                 (product_alone_error (g := fun a => share_computed a) E)
                 (product_in_sum_error (g := fun a => share_computed a) E) xw t F perm).
  replace (1 + Nat.pred n)%nat with n in H by lia; exact H. }
assert (M0 : 0 <= weighed).
{ apply sum_ge0_in; intros a Ha; apply Rmult_le_pos; [apply Rabs_pos|apply (share_near Ha)]. }
assert (X0 : 0 <= sizes) by (apply sum_ge0; intros; apply Rabs_pos).
assert (N0 := pos_INR n); assert (E0 := eta_ge0).
assert (G := power_le_gamma u_ge0 Hk).
replace ((1 + u) ^ k) with (p * q) in G by (unfold p, q; rewrite <- pow_add; f_equal; lia).
set (c := evaluate fst (fun p => share_computed p) t) in *.
set (d := sum (map (fun p => fst p * share_computed p) xw)) in *.
set (e := sum (map (fun p => fst p * share p) xw)) in *.
replace (c - e) with ((c - d) + (d - e)) by ring; apply Rle_trans with (1 := Rabs_triang _ _).
apply Rle_trans with ((p - 1) * (q * weighed + q * eta * sizes) + p * (INR n * eta)
                      + ((q - 1) * weighed + q * eta * sizes)).
{ apply Rplus_le_compat; [|exact H1]; apply Rle_trans with (1 := H), Rplus_le_compat_r, Rmult_le_compat_l; lra. }
assert (p * (INR n * eta) <= p * q * (INR n * eta)).
{ apply Rmult_le_compat_r; [now apply Rmult_le_pos|]; rewrite <- (Rmult_1_r p) at 1; apply Rmult_le_compat_l; lra. }
apply Rle_trans with ((p * q - 1) * weighed + p * q * (eta * (sizes + INR n))); [lra|].
assert (0 <= eta * (sizes + INR n)) by (apply Rmult_le_pos; lra).
apply Rplus_le_compat; apply Rmult_le_compat_r; lra.
Qed.

End WeightedMean.

End Format.

(* -------------------------------------------------------------------------------------------- binary32 and binary64 *)

Theorem sum_binary32 (xs : list R) (t : order R) : let k := Nat.pred (length xs) in
  Forall (format (-149) 24) xs -> Permutation (terms t) xs -> INR k * bpow radix2 (-24) < 1 ->
  Rabs (evaluate (-149) 24 (fun x => x) (fun _ => 1) t - sum xs)
  <= gamma (bpow radix2 (-24)) k * sum (map Rabs xs).
Proof. exact (@sum_any_order (-149) 24 eq_refl xs t). Qed.

Theorem sum_binary64 (xs : list R) (t : order R) : let k := Nat.pred (length xs) in
  Forall (format (-1074) 53) xs -> Permutation (terms t) xs -> INR k * bpow radix2 (-53) < 1 ->
  Rabs (evaluate (-1074) 53 (fun x => x) (fun _ => 1) t - sum xs)
  <= gamma (bpow radix2 (-53)) k * sum (map Rabs xs).
Proof. exact (@sum_any_order (-1074) 53 eq_refl xs t). Qed.

Theorem dot_binary32 (xy : list (R * R)) (t : order (R * R)) : let n := length xy in let u := bpow radix2 (-24) in
  Permutation (terms t) xy -> INR n * u < 1 ->
  Rabs (evaluate (-149) 24 fst snd t - sum (map (fun p => fst p * snd p) xy))
  <= gamma u n * sum (map (fun p => Rabs (fst p * snd p)) xy) + (1 + gamma u n) * (INR n * bpow radix2 (-150)).
Proof. exact (@dot_any_order (-149) 24 eq_refl xy t). Qed.

Theorem dot_binary64 (xy : list (R * R)) (t : order (R * R)) : let n := length xy in let u := bpow radix2 (-53) in
  Permutation (terms t) xy -> INR n * u < 1 ->
  Rabs (evaluate (-1074) 53 fst snd t - sum (map (fun p => fst p * snd p) xy))
  <= gamma u n * sum (map (fun p => Rabs (fst p * snd p)) xy) + (1 + gamma u n) * (INR n * bpow radix2 (-1075)).
Proof. exact (@dot_any_order (-1074) 53 eq_refl xy t). Qed.

Theorem squares_binary32 (xy : list (R * R)) (t : order (R * R)) :
  let n := length xy in let k := (2 + n)%nat in let u := bpow radix2 (-24) in
  Forall (formats (-149) 24) xy -> Permutation (terms t) xy -> INR k * u < 1 ->
  Rabs (evaluate (-149) 24 (difference (-149) 24) (difference (-149) 24) t
        - sum (map (fun p => (fst p - snd p) ^ 2) xy))
  <= gamma u k * sum (map (fun p => (fst p - snd p) ^ 2) xy) + (1 + gamma u k) * (INR n * bpow radix2 (-150)).
Proof. exact (@squares_any_order (-149) 24 eq_refl xy t). Qed.

Theorem squares_binary64 (xy : list (R * R)) (t : order (R * R)) :
  let n := length xy in let k := (2 + n)%nat in let u := bpow radix2 (-53) in
  Forall (formats (-1074) 53) xy -> Permutation (terms t) xy -> INR k * u < 1 ->
  Rabs (evaluate (-1074) 53 (difference (-1074) 53) (difference (-1074) 53) t
        - sum (map (fun p => (fst p - snd p) ^ 2) xy))
  <= gamma u k * sum (map (fun p => (fst p - snd p) ^ 2) xy) + (1 + gamma u k) * (INR n * bpow radix2 (-1075)).
Proof. exact (@squares_any_order (-1074) 53 eq_refl xy t). Qed.

Theorem euclidean_binary32 (xy : list (R * R)) (t : order (R * R)) :
  let n := length xy in let k := (3 + n)%nat in let u := bpow radix2 (-24) in
  Forall (formats (-149) 24) xy -> Permutation (terms t) xy -> INR k * u < 1 ->
  let r := rnd (-149) 24 (sqrt (evaluate (-149) 24 (difference (-149) 24) (difference (-149) 24) t)) in
  Rabs (r - sqrt (sum (map (fun p => (fst p - snd p) ^ 2) xy)))
  <= gamma u k * r + (1 + gamma u k) * sqrt (INR n * bpow radix2 (-150)).
Proof. exact (@euclidean_any_order (-149) 24 eq_refl ltac:(easy) xy t). Qed.

Theorem euclidean_binary64 (xy : list (R * R)) (t : order (R * R)) :
  let n := length xy in let k := (3 + n)%nat in let u := bpow radix2 (-53) in
  Forall (formats (-1074) 53) xy -> Permutation (terms t) xy -> INR k * u < 1 ->
  let r := rnd (-1074) 53 (sqrt (evaluate (-1074) 53 (difference (-1074) 53) (difference (-1074) 53) t)) in
  Rabs (r - sqrt (sum (map (fun p => (fst p - snd p) ^ 2) xy)))
  <= gamma u k * r + (1 + gamma u k) * sqrt (INR n * bpow radix2 (-1075)).
Proof. exact (@euclidean_any_order (-1074) 53 eq_refl ltac:(easy) xy t). Qed.
