(** Enclosures: what boundcheck/evaluate/rounding.py computes is at least the error. Its functions are written out here as
    binary64 computes them, one rounding after the other, and each is proved to cover what it stands for. Nothing is assumed
    but the model of Rounding.v, in which nothing overflows. General p-norms and power, which call the C library, are not here.

      fl x, float x            the binary64 number nearest to x; x is one
      U, INFLATE, TINY         2^-53, 1 + 2^-20, 2^-1022, as in Python
      gamma n                  Python's gamma(n): Rounding.gamma U n is the exact one
      inflate e                an error term, made safe against its own rounding
      norm_of_exact v d root   the error of a norm computed as v; root is d ** 0.5 as the C library has it
      norm_of_inexact v c d root  the same where the coordinates are off by a vector of norm c
      total m n                the error of a sum or mean of n numbers, m that of their magnitudes as computed
      product a da b db        the error of a product of a and b, which are off by da and db
      rounded v carried n      the error of a value v that carries an error and was rounded n times more

    A test reads these definitions and compares them with the Python functions, number by number. *)

From Coq Require Import ZArith Reals Psatz List Permutation.
From Flocq Require Import Core.
From Boundcheck Require Import Rounding.
Set Implicit Arguments.
Unset Strict Implicit.
Import ListNotations.
Local Open Scope R_scope.

(* ---------------------------------------------------------------------------------- what is computed, step by step *)

Definition fl (x : R) : R := rnd (-1074) 53 x.
Notation float x := (format (-1074) 53 x).

Definition U : R := bpow radix2 (-53).
Definition INFLATE : R := 1 + bpow radix2 (-20).
Definition TINY : R := bpow radix2 (-1022).

Definition gamma (n : nat) : R := fl (fl (INR n * U) / fl (1 - fl (INR n * U))).
Definition inflate (e : R) : R := fl (fl (e * INFLATE) + TINY).
Definition norm_of_exact (v : R) (d : nat) (root : R) : R :=
  fl (fl (v * fl (gamma (d + 8) * INFLATE)) + fl (root * bpow radix2 (-529))).
Definition norm_of_inexact (v c : R) (d : nat) (root : R) : R :=
  inflate (fl (norm_of_exact v d root + fl (c + norm_of_exact c d root))).
Definition total (m : R) (n : nat) : R := inflate (fl (gamma (n + 4) * m)).
Definition product (a da b db : R) : R :=
  inflate (fl (fl (fl (fl (fl (Rabs a * db) + fl (Rabs b * da)) + fl (da * db)) + fl (U * Rabs (fl (a * b)))) + TINY)).
Definition rounded (v carried : R) (n : nat) : R := inflate (fl (carried + fl (gamma n * Rabs v))).

(* ------------------------------------------------------------------------------------------------ binary64's numbers *)

Notation eta := (half_smallest (-1074)).
Notation near := (near 53).

Lemma prec_gt1 : (1 < 53)%Z. Proof. easy. Qed.
Lemma emin_small : (-1074 <= -3 * 53 - 4)%Z. Proof. easy. Qed.

Lemma U_is : U = unit_roundoff 53. Proof. easy. Qed.
Lemma U_ge0 : 0 <= U. Proof. apply bpow_ge_0. Qed.
Lemma eta_ge0 : 0 <= eta. Proof. apply bpow_ge_0. Qed.
#[local] Hint Resolve U_ge0 eta_ge0 prec_gt1 emin_small : core.

Lemma U_value : U = / 9007199254740992.
Proof. unfold U; simpl; lra. Qed.

Lemma INFLATE_value : INFLATE = 1 + / 1048576.
Proof. unfold INFLATE; simpl; lra. Qed.

Lemma TINY_value : TINY = 9007199254740992 * eta.
Proof.
unfold TINY, half_smallest; replace (-1022)%Z with (53 + (-1074 - 1))%Z by easy.
rewrite bpow_plus; f_equal; simpl; lra.
Qed.

Lemma float_bpow e : (-1074 <= e)%Z -> float (bpow radix2 e).
Proof. intros H; apply generic_format_bpow'; [apply FLT_exp_valid; easy|unfold FLT_exp; lia]. Qed.

Lemma float_fl x : float (fl x).
Proof. now apply format_rnd. Qed.

Lemma fl_float x : float x -> fl x = x.
Proof. now apply rnd_format. Qed.

Lemma fl_ge0 x : 0 <= x -> 0 <= fl x.
Proof. now apply rnd_ge0. Qed.

Lemma near_fl x : 0 <= x -> near 1 eta (fl x) x.
Proof. now apply near_rnd. Qed.

Lemma near_fl_sum x y : 0 <= x -> 0 <= y -> float x -> float y -> near 1 0 (fl (x + y)) (x + y).
Proof. intros; apply near_rnd_sum; try easy; lra. Qed.

Lemma near_fl_normal x : TINY <= x -> near 1 0 (fl x) x.
Proof. exact (@near_rnd_normal (-1074) 53 prec_gt1 x). Qed.

#[local] Hint Resolve float_fl : core.

(** A multiple of U that is at most 1. *)
Lemma float_multiple n : (0 <= n <= 2 ^ 53)%Z -> float (IZR n * U).
Proof.
intros Hn; destruct (Z.eq_dec n (2 ^ 53)) as [->|Hn'].
- replace (IZR (2 ^ 53) * U) with (bpow radix2 0); [now apply float_bpow|].
  rewrite U_value; simpl; lra.
- apply generic_format_FLT; exists (Float radix2 n (-53)); simpl; try easy.
  apply lt_IZR; rewrite abs_IZR, Rabs_pos_eq by (apply IZR_le; lia).
  apply IZR_lt; rewrite Zpower_pos_nat; simpl; lia.
Qed.

(* ------------------------------------------------------------------------------------------------------------ gamma *)

(** Of the three roundings two are exact. *)
Theorem gamma_rounded_once n : (Z.of_nat n <= 2 ^ 52)%Z -> gamma n = fl (Rounding.gamma U n).
Proof.
intros Hn; unfold gamma, Rounding.gamma; rewrite INR_IZR_INZ.
assert (H : float (IZR (Z.of_nat n) * U)) by (apply float_multiple; lia).
rewrite (fl_float H); rewrite (fl_float (x := 1 - _)); [easy|].
replace (1 - IZR (Z.of_nat n) * U) with (IZR (2 ^ 53 - Z.of_nat n) * U); [apply float_multiple; lia|].
rewrite minus_IZR, U_value; simpl; lra.
Qed.

Lemma small_le n : INR n * U <= / 2 -> (Z.of_nat n <= 2 ^ 52)%Z.
Proof.
rewrite INR_IZR_INZ, U_value; intros H; apply le_IZR; simpl; lra.
Qed.

Lemma U_le_gamma n : (0 < n)%nat -> INR n * U <= / 2 -> U <= Rounding.gamma U n.
Proof.
intros n0 Hn; assert (H1 : INR 1 <= INR n) by (apply le_INR; lia); simpl in H1.
assert (U0 := U_ge0); apply Rle_trans with (Rounding.gamma U 1).
- assert (H := @power_le_gamma U U_ge0 1); rewrite U_value in *; simpl in H; lra.
- apply gamma_mono; [easy|easy|lra].
Qed.

Lemma near_gamma_computed n : (0 < n)%nat -> INR n * U <= / 2 -> near 1 0 (gamma n) (Rounding.gamma U n).
Proof.
intros n0 Hn; rewrite gamma_rounded_once by now apply small_le.
apply near_fl_normal, Rle_trans with (2 := U_le_gamma n0 Hn); apply bpow_le; easy.
Qed.

Lemma gamma_le1 n : INR n * U <= / 2 -> Rounding.gamma U n <= 1.
Proof.
intros Hn; unfold Rounding.gamma; apply Rmult_le_reg_r with (1 - INR n * U); [lra|].
unfold Rdiv; rewrite Rmult_assoc, Rinv_l by lra; lra.
Qed.

Lemma power_succ k : (1 + U) ^ S k = (1 + U) * (1 + U) ^ k.
Proof. easy. Qed.

(* ---------------------------------------------------------------------------------------------------------- inflate *)

Lemma power_le_INFLATE k : INR k * U <= / 2097152 -> (1 + U) ^ k <= INFLATE.
Proof.
intros Hk; assert (H := @power_le_gamma U U_ge0 k ltac:(lra)).
assert (Rounding.gamma U k <= / 1048576); [|rewrite INFLATE_value; lra].
unfold Rounding.gamma; apply Rmult_le_reg_r with (1 - INR k * U); [lra|].
unfold Rdiv; rewrite Rmult_assoc, Rinv_l by lra; lra.
Qed.

Lemma inflate_ge c : 0 <= c -> c * INFLATE + / 2 * TINY + / 4 * TINY <= (1 + U) * (1 + U) * inflate c.
Proof.
intros c0; assert (I0 : 0 <= c * INFLATE) by (apply Rmult_le_pos; [easy|rewrite INFLATE_value; lra]).
assert (T : float TINY) by now apply float_bpow.
assert (T0 : 0 <= TINY) by apply bpow_ge_0.
destruct (near_fl I0) as (x0 & _ & H1 & _).
destruct (near_fl_sum x0 T0 (float_fl _) T) as (_ & _ & H2 & _).
fold (inflate c) in H2; simpl in H1, H2; rewrite <- U_is in H1, H2; rewrite Rmult_1_r in H1, H2; rewrite Rplus_0_r in H2.
assert (E0 := eta_ge0); assert (TE := TINY_value); assert (UV := U_value).
apply (Rmult_le_compat_l (1 + U)) in H2; [|lra].
set (x := fl (c * INFLATE)) in *; rewrite UV in *; lra.
Qed.

(** Up to 2^32 roundings in an error term, and what underflows there, are covered by inflating it. *)
Theorem inflate_covers k e c : INR (2 + k) * U <= / 2097152 -> 0 <= c ->
  e <= (1 + U) ^ k * (c + / 2 * TINY) -> e <= inflate c.
Proof.
intros Hk c0 He; assert (U0 := U_ge0); assert (T0 : 0 <= TINY) by apply bpow_ge_0.
assert (P := power_le_INFLATE Hk); assert (H := inflate_ge c0); assert (I := INFLATE_value).
apply Rmult_le_reg_l with ((1 + U) * (1 + U)); [nra|].
apply Rle_trans with (2 := H).
apply Rle_trans with (INFLATE * (c + / 2 * TINY)).
- change (2 + k)%nat with (S (S k)) in P; rewrite !power_succ in P.
  apply Rle_trans with ((1 + U) * (1 + U) * ((1 + U) ^ k * (c + / 2 * TINY))).
  + apply Rmult_le_compat_l; [nra|easy].
  + rewrite <- !Rmult_assoc; apply Rmult_le_compat_r; lra.
- rewrite I; lra.
Qed.

(* ------------------------------------------------------------------------------------------------ sums and means *)

(** An error of at most a share of n + 4 roundings, of magnitudes that are themselves computed. *)
Lemma total_covers n e M m : INR (7 + n) * U <= / 2097152 ->
  e <= Rounding.gamma U (n + 4) * M + 2 * ((INR n + 1) * eta) -> near (2 + n) ((INR n + 2) * eta) m M -> e <= total m n.
Proof.
intros Hn He (m0 & M0 & H1 & _); assert (U0 := U_ge0); assert (E0 := eta_ge0).
assert (N0 := pos_INR n).
assert (Hn4 : INR (n + 4) * U <= / 2).
{ apply Rle_trans with (INR (7 + n) * U); [|lra].
  apply Rmult_le_compat_r; [easy|apply le_INR; lia]. }
assert (n4 : (0 < n + 4)%nat) by lia.
destruct (near_gamma_computed n4 Hn4) as (g0 & G0 & H2 & _).
simpl in H2; rewrite <- U_is, Rmult_1_r, Rplus_0_r in H2.
assert (G1 := gamma_le1 Hn4).
assert (gm0 : 0 <= gamma (n + 4) * m) by now apply Rmult_le_pos.
destruct (near_fl gm0) as (c0 & _ & H3 & _); simpl in H3; rewrite <- U_is, Rmult_1_r in H3.
set (c := fl (gamma (n + 4) * m)) in *; set (g := gamma (n + 4)) in *; set (G := Rounding.gamma U (n + 4)) in *.
apply (inflate_covers (k := 4 + n)); [|easy|].
{ apply Rle_trans with (2 := Hn); apply Rmult_le_compat_r; [easy|apply le_INR; lia]. }
rewrite <- U_is in H1.
replace ((1 + U) ^ (4 + n)) with ((1 + U) ^ (2 + n) * ((1 + U) * (1 + U))) by (simpl; ring).
assert (P := power_ge1 U_ge0 (2 + n)); set (p := (1 + U) ^ (2 + n)) in *.
assert (GM : G * M <= p * (G * m + (INR n + 2) * eta)).
{ apply Rle_trans with (G * (p * (m + (INR n + 2) * eta))); [now apply Rmult_le_compat_l|].
  assert (0 <= (INR n + 2) * eta) by (apply Rmult_le_pos; lra).
  replace (G * (p * (m + (INR n + 2) * eta))) with (p * (G * m + G * ((INR n + 2) * eta))) by ring.
  apply Rmult_le_compat_l; [lra|].
  assert (G * ((INR n + 2) * eta) <= 1 * ((INR n + 2) * eta)) by now apply Rmult_le_compat_r.
  lra. }
assert (Gm : G * m <= (1 + U) * ((1 + U) * (c + eta))).
{ apply Rle_trans with ((1 + U) * g * m); [now apply Rmult_le_compat_r|].
  rewrite Rmult_assoc; apply Rmult_le_compat_l; lra. }
assert (Q : (INR n + 5) * eta <= / 8 * TINY).
{ rewrite TINY_value.
  assert (INR n + 5 <= 4294967296).
  { rewrite plus_INR, U_value in Hn; simpl in Hn; lra. }
  assert ((INR n + 5) * eta <= 4294967296 * eta) by now apply Rmult_le_compat_r.
  lra. }
apply Rle_trans with (1 := He).
assert (N1 : 0 <= (INR n + 1) * eta) by (apply Rmult_le_pos; lra).
assert ((INR n + 1) * eta <= p * ((INR n + 1) * eta)).
{ rewrite <- (Rmult_1_l ((INR n + 1) * eta)) at 1; now apply Rmult_le_compat_r. }
apply Rle_trans with (p * (G * m + (3 * INR n + 4) * eta)); [lra|].
rewrite Rmult_assoc; apply Rmult_le_compat_l; [lra|].
apply Rle_trans with ((1 + U) * (1 + U) * (c + eta + (3 * INR n + 4) * eta)).
- assert ((3 * INR n + 4) * eta <= (1 + U) * (1 + U) * ((3 * INR n + 4) * eta)).
  { rewrite <- (Rmult_1_l ((3 * INR n + 4) * eta)) at 1; apply Rmult_le_compat_r; [apply Rmult_le_pos; lra|nra]. }
  lra.
- apply Rmult_le_compat_l; [nra|].
  assert (T0 : 0 <= TINY) by apply bpow_ge_0; change (fl (gamma (n + 4) * m)) with c; lra.
Qed.

Notation added t := (evaluate (-1074) 53 (fun x : R => x) (fun _ => 1) t).

Lemma magnitudes_near (xs : list R) s : Forall (format (-1074) 53) xs -> Permutation (terms s) (map Rabs xs) ->
  near (length xs) 0 (added s) (sum (map Rabs xs)).
Proof.
intros F perm; rewrite <- (map_length Rabs xs); apply magnitudes_any_order; try easy.
apply Forall_forall; intros x Hx; apply in_map_iff in Hx; destruct Hx as (y & <- & Hy).
rewrite Forall_forall in F; split; [apply format_Rabs, F, Hy|apply Rabs_pos].
Qed.

(** What total says of a sum, whatever orders the sum and its magnitudes are added up in. *)
Theorem total_of_sum (xs : list R) (t s : order R) : let n := length xs in
  Forall (format (-1074) 53) xs -> Permutation (terms t) xs -> Permutation (terms s) (map Rabs xs) ->
  INR (7 + n) * U <= / 2097152 -> Rabs (added t - sum xs) <= total (added s) n.
Proof.
intros n F perm perm' Hn; assert (U0 := U_ge0); assert (E0 := eta_ge0).
assert (N : forall k, (k <= 7 + n)%nat -> INR k * U < 1).
{ intros k Hk; apply Rle_lt_trans with (INR (7 + n) * U); [|lra].
  apply Rmult_le_compat_r; [easy|now apply le_INR]. }
apply total_covers with (M := sum (map Rabs xs)); [easy| |].
- assert (Hk : INR (Nat.pred (length xs)) * U < 1) by (apply N; unfold n; lia).
  assert (H := sum_any_order prec_gt1 F perm Hk).
  apply Rle_trans with (1 := H); rewrite <- U_is.
  assert (Rounding.gamma U (Nat.pred (length xs)) <= Rounding.gamma U (n + 4)).
  { apply gamma_mono; [easy|unfold n; lia|apply N; lia]. }
  assert (0 <= 2 * ((INR n + 1) * eta)).
  { assert (P := pos_INR n); apply Rmult_le_pos; [lra|apply Rmult_le_pos; lra]. }
  apply Rle_trans with (Rounding.gamma U (n + 4) * sum (map Rabs xs)); [|lra].
  apply Rmult_le_compat_r; [apply sum_ge0, Rabs_pos|easy].
- assert (H := magnitudes_near F perm'); apply near_mono with (3 := H); [fold n; lia|].
  split; [lra|apply Rmult_le_pos; [|easy]]; assert (H' := pos_INR n); lra.
Qed.

(** The same of a mean. *)
Theorem total_of_mean (xs : list R) (t s : order R) : let n := length xs in (0 < n)%nat ->
  Forall (format (-1074) 53) xs -> Permutation (terms t) xs -> Permutation (terms s) (map Rabs xs) ->
  INR (7 + n) * U <= / 2097152 ->
  Rabs (fl (added t / INR n) - sum xs / INR n) <= total (fl (added s / INR n)) n.
Proof.
intros n n0 F perm perm' Hn; assert (U0 := U_ge0); assert (E0 := eta_ge0).
assert (N : forall k, (k <= 7 + n)%nat -> INR k * U < 1).
{ intros k Hk; apply Rle_lt_trans with (INR (7 + n) * U); [|lra].
  apply Rmult_le_compat_r; [easy|now apply le_INR]. }
assert (n1 : 0 < / INR n) by now apply Rinv_0_lt_compat, lt_0_INR.
assert (M0 : 0 <= sum (map Rabs xs) / INR n).
{ apply Rmult_le_pos; [apply sum_ge0, Rabs_pos|lra]. }
apply total_covers with (M := sum (map Rabs xs) / INR n); [easy| |].
- assert (Hk : INR n * U < 1) by (apply N; lia).
  assert (H := mean_any_order prec_gt1 n0 F perm Hk).
  apply Rle_trans with (1 := H); rewrite <- U_is; apply Rplus_le_compat.
  + apply Rmult_le_compat_r; [easy|]; apply gamma_mono; [easy|unfold n; lia|apply N; lia].
  + assert (P := pos_INR n); rewrite <- (Rmult_1_l eta) at 1; rewrite <- Rmult_assoc.
    apply Rmult_le_compat_r; lra.
- assert (H := magnitudes_near F perm').
  assert (H0 : 0 <= added s) by apply H.
  apply (near_scale (q := / INR n)) in H; [|lra].
  rewrite Rmult_0_r in H.
  assert (H' : near 1 eta (fl (added s / INR n)) (/ INR n * added s)).
  { rewrite (Rmult_comm (/ INR n)); apply near_fl, Rmult_le_pos; [apply H0|lra]. }
  assert (H2 := near_trans eta_ge0 (Rle_refl 0) H' H).
  rewrite (Rmult_comm (/ INR n)) in H2.
  apply near_mono with (3 := H2); [fold n; lia|].
  assert (P := pos_INR n); split; [lra|].
  apply Rle_trans with (1 * eta); [lra|apply Rmult_le_compat_r; lra].
Qed.

(** And of a linear combination whose coefficients are rounded first, its products rounded or fused. *)
Theorem total_of_combination (cv : list (R * R)) (t s : order (R * R)) : let n := length cv in
  Forall (fun p => (fst p = 0 \/ TINY <= Rabs (fst p)) /\ float (snd p)) cv ->
  Permutation (terms t) cv -> Permutation (terms s) cv -> INR (7 + n) * U <= / 2097152 ->
  Rabs (evaluate (-1074) 53 (fun p => fl (fst p)) snd t - sum (map (fun p => fst p * snd p) cv))
  <= total (evaluate (-1074) 53 (fun p => Rabs (fl (fst p))) (fun p => Rabs (snd p)) s) n.
Proof.
intros n F perm perm' Hn; assert (U0 := U_ge0); assert (E0 := eta_ge0); assert (P := pos_INR n).
set (good := fun p : R * R => (fst p = 0 \/ TINY <= Rabs (fst p)) /\ float (snd p)) in F.
assert (share : forall p, good p -> near 1 0 (Rabs (fl (fst p))) (Rabs (fst p))).
{ intros p [[H | H] _].
  - rewrite H, (fl_float (format0 _ _)), Rabs_R0.
    apply near_mono with (k := 0%nat) (z := 0); [lia|lra|apply near_refl; lra].
  - unfold fl; rewrite rnd_Rabs by easy; now apply near_fl_normal. }
assert (Hk : INR (1 + n) * U <= / 2).
{ apply Rle_trans with (INR (7 + n) * U); [|lra]; apply Rmult_le_compat_r; [easy|apply le_INR; lia]. }
apply total_covers with (M := sum (map (fun p => Rabs (fst p * snd p)) cv)); [easy| |].
- assert (H := @products_any_order (-1074) 53 prec_gt1 _ (fun p => fl (fst p)) snd (fun p => fst p * snd p) good 1).
  apply Rle_trans with (Rounding.gamma U (1 + n) * sum (map (fun p => Rabs (fst p * snd p)) cv)
                        + (1 + Rounding.gamma U (1 + n)) * (INR n * eta)).
  + apply H; try easy; [|rewrite <- U_is; unfold n in Hk; lra].
    intros p Gp; rewrite <- Rmult_minus_distr_r, Rabs_mult, Rabs_mult, <- Rmult_assoc.
    apply Rmult_le_compat_r; [apply Rabs_pos|].
    destruct Gp as [[Hz | Hz] _].
    * rewrite Hz, (fl_float (format0 _ _)), Rminus_0_r, Rabs_R0; lra.
    * apply Rle_trans with (1 := @rnd_normal_error (-1074) 53 prec_gt1 (fst p) Hz); rewrite <- U_is; simpl; lra.
  + assert (G := gamma_le1 Hk); assert (G0 := @gamma_ge0 U U_ge0 (1 + n) ltac:(lra)).
    assert (M0 : 0 <= sum (map (fun p => Rabs (fst p * snd p)) cv)) by (apply sum_ge0; intros; apply Rabs_pos).
    apply Rplus_le_compat.
    * apply Rmult_le_compat_r; [easy|]; apply gamma_mono; [easy|lia|].
      apply Rle_lt_trans with (INR (7 + n) * U); [apply Rmult_le_compat_r; [easy|apply le_INR; lia]|lra].
    * assert (0 <= INR n * eta) by now apply Rmult_le_pos.
      apply Rle_trans with (2 * (INR n * eta)); [apply Rmult_le_compat_r; lra|lra].
- assert (H : near (1 + n) (INR n * (0 + eta))
               (evaluate (-1074) 53 (fun p => Rabs (fl (fst p))) (fun p => Rabs (snd p)) s)
               (sum (map (fun p => Rabs (fst p * snd p)) cv))).
  { apply evaluate_near_any_order with (good := good) (i := 1%nat); try easy; try apply Rle_refl.
    - intros p Gp; rewrite Rabs_mult, (Rmult_comm (Rabs (fl _))), (Rmult_comm (Rabs (fst p))).
      rewrite <- (Rmult_0_r (Rabs (snd p))); apply near_scale; [apply Rabs_pos|auto].
    - intros p r _; apply rnd_product_near; [easy|apply Rmult_le_pos; apply Rabs_pos]. }
  apply near_mono with (3 := H); [lia|].
  rewrite Rplus_0_l; split; [now apply Rmult_le_pos|apply Rmult_le_compat_r; lra].
Qed.

(** And of a weighted mean as the numeric reader bounds it: a ratio of weights is itself off by the rounding of their sum,
    which 3 n + 8 roundings allow for, and may be below the smallest number, which is 2^-1073 of each size. *)
Theorem total_of_weighted_mean (xw : list (R * R)) (t t' t'' : order (R * R)) (s : order R) : let n := length xw in
  Forall (fun p => float (snd p) /\ 0 <= snd p) xw -> 0 < sum (map snd xw) ->
  Permutation (terms t) xw -> Permutation (terms t') xw -> Permutation (terms t'') xw ->
  Permutation (terms s) (map snd xw) -> INR (7 + (3 * n + 4)) * U <= / 2097152 ->
  let ratio p := fl (snd p / added s) in
  let value := evaluate (-1074) 53 fst ratio t in
  let magnitudes := evaluate (-1074) 53 (fun p => Rabs (fl (fst p * ratio p))) (fun _ => 1) t' in
  let below := evaluate (-1074) 53 (fun p => fl (Rabs (fst p) * bpow radix2 (-1073))) (fun _ => 1) t'' in
  Rabs (value - sum (map (fun p => fst p * (snd p / sum (map snd xw))) xw))
  <= inflate (fl (total magnitudes (3 * n + 4) + below)).
Proof.
intros n F whole0 perm perm' perm'' perms Hn ratio value magnitudes below.
assert (U0 := U_ge0); assert (E0 := eta_ge0); assert (N0 := pos_INR n); assert (UV := U_value).
assert (N : forall k, (k <= 7 + (3 * n + 4))%nat -> INR k * U <= / 2097152).
{ intros k Hk; apply Rle_trans with (2 := Hn), Rmult_le_compat_r; [easy|now apply le_INR]. }
assert (N' : forall k, (k <= 7 + (3 * n + 4))%nat -> INR k * U < 1).
{ intros k Hk; assert (H := N k Hk); lra. }
assert (H := @weighted_mean_any_order (-1074) 53 prec_gt1 xw t s F perm perms whole0 (N' (2 * n + 1)%nat ltac:(lia))).
assert (L := @weighed_le (-1074) 53 prec_gt1 xw s F perms whole0).
rewrite <- U_is in H, L; fold n in H, L.
change (fun p : R * R => rnd (-1074) 53 (snd p / evaluate (-1074) 53 (fun x : R => x) (fun _ => 1) s)) with ratio in H.
change (evaluate (-1074) 53 fst ratio t) with value in H.
set (M := sum (map (fun p => Rabs (fst p) * (snd p / sum (map snd xw))) xw)) in *.
set (X := sum (map (fun p => Rabs (fst p)) xw)) in *.
assert (X0 : 0 <= X) by (apply sum_ge0; intros; apply Rabs_pos).
assert (Hm : near (1 + n) (INR n * (eta + 0)) magnitudes (sum (map (fun p => Rabs (fst p * ratio p)) xw))).
{ apply evaluate_near_any_order with (good := fun _ => True) (i := 1%nat); try easy; try apply Rle_refl.
  - intros p _; rewrite Rmult_1_r; unfold fl at 1; rewrite rnd_Rabs by easy; apply near_fl, Rabs_pos.
  - intros p r _ Fr r0; rewrite Rmult_1_r; apply near_fl_sum; try easy; [apply Rabs_pos|apply format_Rabs, float_fl].
  - now apply Forall_forall. }
assert (Hb : near (1 + n) (INR n * (eta + 0)) below (sum (map (fun p => 4 * eta * Rabs (fst p)) xw))).
{ assert (B : bpow radix2 (-1073) = 4 * eta).
  { unfold half_smallest; replace (-1073)%Z with (2 + (-1074 - 1))%Z by easy; rewrite bpow_plus; f_equal; simpl; lra. }
  apply evaluate_near_any_order with (good := fun _ => True) (i := 1%nat); try easy; try apply Rle_refl.
  - intros p _; rewrite Rmult_1_r, B, (Rmult_comm (Rabs _)); apply near_fl.
    apply Rmult_le_pos; [lra|apply Rabs_pos].
  - intros p r _ Fr r0; rewrite Rmult_1_r; apply near_fl_sum; try easy.
    apply fl_ge0, Rmult_le_pos; [apply Rabs_pos|apply bpow_ge_0].
  - now apply Forall_forall. }
rewrite sum_map_scale in Hb; fold X in Hb; rewrite Rplus_0_r in Hm, Hb.
change (fun p : R * R => Rabs (fst p * rnd (-1074) 53 (snd p / added s))) with (fun p => Rabs (fst p * ratio p)) in L.
set (V := sum (map (fun p => Rabs (fst p * ratio p)) xw)) in *.
destruct Hm as (m0 & V0 & Hm & _); destruct Hb as (b0 & _ & Hb & _); rewrite <- U_is in Hm, Hb.
assert (Q2 : (1 + U) ^ (1 + n) <= 2).
{ apply power_le2; [easy|]; assert (H' := N (1 + n)%nat ltac:(lia)); lra. }
assert (Q1 := power_ge1 U_ge0 (1 + n)).
assert (G0 := @gamma_ge0 U U_ge0 (2 * n + 1) (N' (2 * n + 1)%nat ltac:(lia))).
assert (G1 : Rounding.gamma U (2 * n + 1) <= / 1048576).
{ assert (H' := N (2 * n + 1)%nat ltac:(lia)).
  unfold Rounding.gamma; apply Rmult_le_reg_r with (1 - INR (2 * n + 1) * U); [lra|].
  unfold Rdiv; rewrite Rmult_assoc, Rinv_l by lra; lra. }
assert (G2 : Rounding.gamma U (2 * n + 1) <= Rounding.gamma U (3 * n + 4 + 4)).
{ apply gamma_mono; [easy|lia|apply N'; lia]. }
set (G := Rounding.gamma U (2 * n + 1)) in *; set (q := (1 + U) ^ (1 + n)) in *.
set (M' := q * (q * (magnitudes + INR n * eta))).
assert (NE : 0 <= INR n * eta) by now apply Rmult_le_pos.
assert (EX : 0 <= eta * X) by now apply Rmult_le_pos.
assert (M'0 : 0 <= M') by (apply Rmult_le_pos; [lra|apply Rmult_le_pos; lra]).
assert (HM : M <= M' + q * (eta * X)).
{ apply Rle_trans with (1 := L); unfold M'; apply (Rmult_le_compat_l q) in Hm; lra. }
assert (Ht : G * M' + 2 * ((INR (3 * n + 4) + 1) * eta) <= total magnitudes (3 * n + 4)).
{ apply total_covers with (M := M'); [exact Hn| |].
  - apply Rplus_le_compat_r, Rmult_le_compat_r; easy.
  - assert (N3 : INR n * eta <= (INR (3 * n + 4) + 2) * eta).
    { apply Rmult_le_compat_r; [easy|]; assert (INR n <= INR (3 * n + 4)) by (apply le_INR; lia); lra. }
    apply near_mono with (k := (2 + (2 * n))%nat) (z := INR n * eta); [lia|lra|].
    repeat split; try easy; rewrite <- U_is.
    + replace (2 + 2 * n)%nat with ((1 + n) + (1 + n))%nat by lia; rewrite pow_add; unfold M', q; apply Req_le; ring.
    + assert (P := power_ge1 U_ge0 (2 + 2 * n)).
      assert (magnitudes <= M').
      { unfold M'; rewrite <- Rmult_assoc.
        apply Rle_trans with (1 * (magnitudes + INR n * eta)); [lra|apply Rmult_le_compat_r; [lra|nra]]. }
      apply Rle_trans with (1 * (M' + INR n * eta)); [lra|apply Rmult_le_compat_r; lra]. }
assert (N3 : (INR (3 * n + 4) + 1) * eta = 3 * (INR n * eta) + 5 * eta).
{ rewrite plus_INR, mult_INR; simpl; ring. }
assert (B0 : eta * X <= / 2 * (below + INR n * eta)).
{ assert (q * (below + INR n * eta) <= 2 * (below + INR n * eta)) by (apply Rmult_le_compat_r; lra); lra. }
assert (GX : G * (q * (eta * X)) <= / 1048576 * (2 * (eta * X))).
{ apply Rmult_le_compat; try easy; [apply Rmult_le_pos; lra|apply Rmult_le_compat_r; lra]. }
assert (GN : (1 + G) * (eta * (X + INR n)) <= (1 + / 1048576) * (eta * X + INR n * eta)).
{ replace (eta * (X + INR n)) with (eta * X + INR n * eta) by ring; apply Rmult_le_compat_r; lra. }
apply (Rmult_le_compat_l G) in HM; [|easy].
set (T := total magnitudes (3 * n + 4)) in *.
assert (T0 : 0 <= T) by (assert (0 <= G * M') by (now apply Rmult_le_pos); lra).
assert (FT : float T) by apply float_fl.
assert (FB : float below) by now apply format_evaluate.
destruct (near_fl_sum T0 b0 FT FB) as (c0 & _ & Hs & _); rewrite <- U_is in Hs.
apply (inflate_covers (k := 1)); [simpl; rewrite UV; lra|exact c0|].
apply Rle_trans with (T + below).
- apply Rle_trans with (1 := H); lra.
- apply Rle_trans with (1 := Hs), Rmult_le_compat_l; [apply pow_le; lra|].
  assert (0 <= TINY) by apply bpow_ge_0; lra.
Qed.

(* ---------------------------------------------------------------------------- products and values rounded once more *)

Theorem product_covers a b x y da db : float a -> float b -> float da -> float db ->
  Rabs (a - x) <= da -> Rabs (b - y) <= db -> Rabs (fl (a * b) - x * y) <= product a da b db.
Proof.
intros Fa Fb Fda Fdb Ha Hb; assert (U0 := U_ge0); assert (E0 := eta_ge0).
assert (T : float TINY) by now apply float_bpow.
assert (T0 : 0 <= TINY) by apply bpow_ge_0.
assert (da0 := Rle_trans _ _ _ (Rabs_pos _) Ha); assert (db0 := Rle_trans _ _ _ (Rabs_pos _) Hb).
assert (A0 := Rabs_pos a); assert (B0 := Rabs_pos b); assert (P0 := Rabs_pos (fl (a * b))).
assert (H := @product_inexact (-1074) 53 prec_gt1 a b x y da db Ha Hb).
rewrite <- U_is in H; fold (fl (a * b)) in H.
assert (H1 := near_fl (Rmult_le_pos _ _ A0 db0)); assert (H2 := near_fl (Rmult_le_pos _ _ B0 da0)).
assert (H3 := near_fl (Rmult_le_pos _ _ da0 db0)); assert (H4 := near_fl (Rmult_le_pos _ _ U0 P0)).
unfold product.
set (q1 := fl (Rabs a * db)) in *; set (q2 := fl (Rabs b * da)) in *; set (q3 := fl (da * db)) in *.
set (q4 := fl (U * Rabs (fl (a * b)))) in *.
assert (S : forall k l z w p q P Q, float p -> float q -> 0 <= z -> 0 <= w -> (l <= k)%nat -> near k z p P -> near l w q Q ->
            near (1 + k) (0 + (z + w)) (fl (p + q)) (P + Q)).
{ intros k l z w p q P Q Fp Fq z0 w0 lk Hp Hq.
  apply near_mono with (l := k) (w := w) in Hq; [|easy|lra].
  assert (Hs := near_plus Hp Hq); apply near_trans with (p + q); [lra|lra| |exact Hs].
  destruct Hp as (p0 & _); destruct Hq as (q0 & _); now apply near_fl_sum. }
assert (S12 : near 2 (2 * eta) (fl (q1 + q2)) (Rabs a * db + Rabs b * da)).
{ replace (2 * eta) with (0 + (eta + eta)) by ring; apply (S 1%nat 1%nat); try easy; apply float_fl. }
assert (S123 : near 3 (3 * eta) (fl (fl (q1 + q2) + q3)) (Rabs a * db + Rabs b * da + da * db)).
{ replace (3 * eta) with (0 + (2 * eta + eta)) by ring; apply (S 2%nat 1%nat); try easy; try apply float_fl; [lra|lia]. }
assert (S1234 : near 4 (4 * eta) (fl (fl (fl (q1 + q2) + q3) + q4))
                  (Rabs a * db + Rabs b * da + da * db + U * Rabs (fl (a * b)))).
{ replace (4 * eta) with (0 + (3 * eta + eta)) by ring; apply (S 3%nat 1%nat); try easy; try apply float_fl; [lra|lia]. }
assert (S5 : near 5 (4 * eta) (fl (fl (fl (fl (q1 + q2) + q3) + q4) + TINY))
               (Rabs a * db + Rabs b * da + da * db + U * Rabs (fl (a * b)) + TINY)).
{ replace (4 * eta) with (0 + (4 * eta + 0)) by ring; apply (S 4%nat 0%nat); try easy; try apply float_fl; try lra;
    [lia|now apply near_refl]. }
destruct S5 as (c0 & _ & H5 & _).
apply (inflate_covers (k := 5)); [rewrite U_value; simpl; lra|exact c0|].
apply Rle_trans with (Rabs a * db + Rabs b * da + da * db + U * Rabs (fl (a * b)) + TINY).
- assert (TE := TINY_value); lra.
- apply Rle_trans with (1 := H5); rewrite <- U_is; apply Rmult_le_compat_l; [apply pow_le; lra|].
  assert (TE := TINY_value); simpl; lra.
Qed.

(** A difference of two inexact values, their error bounds added up. *)
Theorem rounded_of_difference a b x y da db : float a -> float b -> float da -> float db ->
  Rabs (a - x) <= da -> Rabs (b - y) <= db ->
  Rabs (fl (a - b) - (x - y)) <= rounded (fl (a - b)) (fl (da + db)) 1.
Proof.
intros Fa Fb Fda Fdb Ha Hb; assert (U0 := U_ge0); assert (E0 := eta_ge0); assert (UV := U_value).
assert (da0 := Rle_trans _ _ _ (Rabs_pos _) Ha); assert (db0 := Rle_trans _ _ _ (Rabs_pos _) Hb).
assert (H := difference_inexact prec_gt1 Fa Fb Ha Hb).
rewrite <- U_is in H; fold (fl (a - b)) in H; set (v := fl (a - b)) in *; assert (V0 := Rabs_pos v).
assert (H1 := near_fl_sum da0 db0 Fda Fdb); set (d := fl (da + db)) in *.
assert (d0 : 0 <= d) by apply H1.
assert (Hg : near 1 0 (gamma 1) (Rounding.gamma U 1)) by (apply near_gamma_computed; [lia|simpl; lra]).
apply (near_scale (q := Rabs v)) in Hg; [|easy].
rewrite Rmult_0_r, !(Rmult_comm (Rabs v)) in Hg.
assert (g0 : 0 <= gamma 1 * Rabs v) by apply Hg.
assert (H2 := near_trans E0 (Rle_refl 0) (near_fl g0) Hg); rewrite Rplus_0_r in H2.
set (q := fl (gamma 1 * Rabs v)) in *; assert (q0 : 0 <= q) by apply H2.
apply near_mono with (l := 2%nat) (w := 0) in H1; [|lia|lra].
assert (H3 := near_plus H1 H2); rewrite Rplus_0_l in H3.
assert (H4 := near_trans (Rle_refl 0) E0 (near_fl_sum d0 q0 (float_fl _) (float_fl _)) H3).
destruct H4 as (c0 & _ & H5 & _).
apply (inflate_covers (k := 3)); [rewrite UV; simpl; lra|exact c0|].
apply Rle_trans with (1 := H), Rle_trans with (1 := H5); rewrite <- U_is.
apply Rmult_le_compat_l; [apply pow_le; lra|].
assert (TE := TINY_value); fold q; lra.
Qed.

(** Any value whose error is so bounded: carried, and a share of so many roundings of what was computed. *)
Theorem rounded_covers n e v carried : (0 < n)%nat -> INR n * U <= / 2 -> float carried -> 0 <= carried ->
  e <= carried + Rounding.gamma U n * Rabs v -> e <= rounded v carried n.
Proof.
intros n0 Hn Fc c0 He; assert (U0 := U_ge0); assert (E0 := eta_ge0); assert (V0 := Rabs_pos v).
assert (Hg := near_gamma_computed n0 Hn).
apply (near_scale (q := Rabs v)) in Hg; [|easy].
rewrite Rmult_0_r, !(Rmult_comm (Rabs v)) in Hg.
assert (g0 : 0 <= gamma n * Rabs v) by apply Hg.
assert (H2 := near_trans E0 (Rle_refl 0) (near_fl g0) Hg); rewrite Rplus_0_r in H2.
set (q := fl (gamma n * Rabs v)) in *; assert (q0 : 0 <= q) by apply H2.
assert (Hc := near_mono (l := 2%nat) (w := 0) (Nat.le_0_l 2) (conj (Rle_refl 0) (Rle_refl 0)) (near_refl 53 c0)).
assert (H3 := near_plus Hc H2); rewrite Rplus_0_l in H3.
assert (H4 := near_trans (Rle_refl 0) E0 (near_fl_sum c0 q0 Fc (float_fl _)) H3).
destruct H4 as (s0 & _ & H5 & _).
apply (inflate_covers (k := 3)); [rewrite U_value; simpl; lra|exact s0|].
apply Rle_trans with (1 := He), Rle_trans with (1 := H5); rewrite <- U_is.
apply Rmult_le_compat_l; [apply pow_le; lra|].
assert (TE := TINY_value); fold q; lra.
Qed.

(* ------------------------------------------------------------------------------------------------------------ norms *)

Lemma root_eta (n : nat) : sqrt (INR n * eta) <= sqrt (INR n) * bpow radix2 (-537).
Proof.
assert (N := pos_INR n).
rewrite sqrt_mult_alt by easy; apply Rmult_le_compat_l; [apply sqrt_pos|].
rewrite <- sqrt_bpow.
apply sqrt_le_1_alt, bpow_le; lia.
Qed.

(** Up to d + 7 roundings, and an underflow of 2 sqrt(d) 2^-537: root is the square root of d, within a factor of 2. *)
Lemma norm_of_exact_covers (d : nat) root v e : (0 < d)%nat -> INR (d + 8) * U <= / 2 -> sqrt (INR d) / 2 <= root ->
  0 <= v -> e <= Rounding.gamma U (7 + d) * v + 2 * (sqrt (INR d) * bpow radix2 (-537)) -> e <= norm_of_exact v d root.
Proof.
intros d0 Hd Hroot v0 He; assert (U0 := U_ge0); assert (E0 := eta_ge0); assert (UV := U_value).
assert (R1 : 1 <= sqrt (INR d)).
{ rewrite <- sqrt_1; apply sqrt_le_1_alt; change 1 with (INR 1); apply le_INR; lia. }
assert (d8 : (0 < d + 8)%nat) by lia.
assert (Hg := near_gamma_computed d8 Hd).
assert (G : Rounding.gamma U (7 + d) <= Rounding.gamma U (d + 8)) by (apply gamma_mono; [easy|lia|lra]).
assert (G1 := U_le_gamma d8 Hd).
destruct Hg as (g0 & G0 & H1 & _); rewrite <- U_is in H1; simpl in H1; rewrite Rmult_1_r, Rplus_0_r in H1.
assert (I := INFLATE_value).
assert (Hi : TINY <= gamma (d + 8) * INFLATE).
{ assert (TINY <= U / 4).
  { unfold TINY, U; replace (bpow radix2 (-53) / 4) with (bpow radix2 (-55)); [now apply bpow_le|simpl; lra]. }
  rewrite I; rewrite UV in *; lra. }
destruct (near_fl_normal Hi) as (i0 & _ & H2 & _); rewrite <- U_is in H2; simpl in H2; rewrite Rmult_1_r, Rplus_0_r in H2.
unfold norm_of_exact; set (g := gamma (d + 8)) in *; set (c := fl (g * INFLATE)) in *.
assert (vc0 : 0 <= v * c) by now apply Rmult_le_pos.
destruct (near_fl vc0) as (x0 & _ & H3 & _); rewrite <- U_is in H3; simpl in H3; rewrite Rmult_1_r in H3.
set (W := bpow radix2 (-529)) in *; assert (W0 : 0 < W) by apply bpow_gt_0.
assert (Hw : TINY <= root * W).
{ apply Rle_trans with (/ 2 * W); [|apply Rmult_le_compat_r; lra].
  replace (/ 2 * W) with (bpow radix2 (-530)); [now apply bpow_le|].
  unfold W; replace (-530)%Z with (-1 + -529)%Z by easy; rewrite bpow_plus; f_equal; simpl; lra. }
destruct (near_fl_normal Hw) as (w0 & _ & H4 & _); rewrite <- U_is in H4; simpl in H4; rewrite Rmult_1_r, Rplus_0_r in H4.
destruct (near_fl_sum x0 w0 (float_fl _) (float_fl _)) as (s0 & _ & H5 & _); rewrite <- U_is in H5; simpl in H5;
  rewrite Rmult_1_r, Rplus_0_r in H5.
set (x := fl (v * c)) in *; set (w := fl (root * W)) in *; set (s := fl (x + w)) in *.
(* gamma v is at most x, but for what the inflation covers *)
assert (H6 : Rounding.gamma U (7 + d) * v * INFLATE <= (1 + U) * ((1 + U) * ((1 + U) * (x + eta)))).
{ apply Rle_trans with ((1 + U) * g * v * INFLATE).
  - apply Rmult_le_compat_r; [rewrite I; lra|]; apply Rmult_le_compat_r; [easy|lra].
  - replace ((1 + U) * g * v * INFLATE) with ((1 + U) * (v * (g * INFLATE))) by ring.
    apply Rmult_le_compat_l; [lra|].
    apply Rle_trans with (v * ((1 + U) * c)); [now apply Rmult_le_compat_l|].
    replace (v * ((1 + U) * c)) with ((1 + U) * (v * c)) by ring.
    apply Rmult_le_compat_l; [lra|easy]. }
assert (H7 : 64 * (sqrt (INR d) * bpow radix2 (-537)) <= w).
{ assert (B : 256 * bpow radix2 (-537) = W).
  { unfold W; replace (-529)%Z with (8 + -537)%Z by easy; rewrite bpow_plus; f_equal; simpl; lra. }
  assert (sqrt (INR d) * W <= 2 * root * W) by (apply Rmult_le_compat_r; lra).
  rewrite <- B in *; assert (H' := Rmult_le_compat_l U _ _ U0 (Rlt_le _ _ W0)).
  set (b := sqrt (INR d) * bpow radix2 (-537)) in *.
  assert (b <= 2 * root * bpow radix2 (-537)) by (unfold b; apply Rmult_le_compat_r; [apply bpow_ge_0|lra]).
  rewrite UV in *; lra. }
assert (H8 : eta <= sqrt (INR d) * bpow radix2 (-537)).
{ rewrite <- (Rmult_1_l eta); apply Rmult_le_compat; try easy; try lra.
  apply bpow_le; easy. }
set (b := sqrt (INR d) * bpow radix2 (-537)) in *.
set (y := Rounding.gamma U (7 + d) * v) in *.
assert (Hy : y <= (1 - U) * (x + eta)).
{ assert (Hx : 0 <= x + eta) by lra; rewrite I, UV in H6.
  assert ((1 + / 9007199254740992) * ((1 + / 9007199254740992) * ((1 + / 9007199254740992) * (x + eta)))
          <= (1 + / 1048576) * (1 - / 9007199254740992) * (x + eta)).
  { rewrite <- !Rmult_assoc; apply Rmult_le_compat_r; [easy|lra]. }
  rewrite UV; lra. }
rewrite UV in *; lra.
Qed.

(** What norm_of_exact says of distances, in any order, with and without fused multiply-adds: Euclidean ones from
    differences; those scaled by their largest coordinate; p = 1 the same two ways; p = oo. *)
Section Norms.
Variables (xy : list (R * R)) (t : order (R * R)) (root : R).
Notation n := (length xy).
Hypotheses (F : Forall (formats (-1074) 53) xy) (perm : Permutation (terms t) xy).
Hypotheses (n_gt0 : (0 < n)%nat) (n_small : INR (n + 8) * U <= / 2) (root_near : sqrt (INR n) / 2 <= root).

Notation difference := (difference (-1074) 53).
Notation evaluate := (evaluate (-1074) 53).
Notation unit := (scale (-1074) 53 xy).
Notation ratio := (ratio (-1074) 53 unit).
Notation euclidean := (sqrt (sum (map (fun p => (fst p - snd p) ^ 2) xy))).
Notation manhattan := (sum (map (fun p => Rabs (fst p - snd p)) xy)).

Let half k : (k <= 7 + n)%nat -> INR k * U <= / 2.
Proof.
intros Hk; apply Rle_trans with (2 := n_small), Rmult_le_compat_r; [apply U_ge0|apply le_INR; lia].
Qed.

Let less k : (k <= 7 + n)%nat -> INR k * U < 1.
Proof. intros Hk; apply Rle_lt_trans with (1 := half Hk); lra. Qed.

Let lost : R := 2 * (sqrt (INR n) * bpow radix2 (-537)).

Let eta_lost : 2 * eta <= lost.
Proof.
unfold lost; apply Rmult_le_compat_l; [lra|].
assert (H : 1 <= sqrt (INR n)).
{ rewrite <- sqrt_1; apply sqrt_le_1_alt; change 1 with (INR 1); now apply le_INR. }
rewrite <- (Rmult_1_l eta); apply Rmult_le_compat; try easy; try lra; now apply bpow_le.
Qed.

Let covers k r e z : (k <= 7 + n)%nat -> 0 <= r -> 0 <= z -> 2 * z <= lost ->
  e <= Rounding.gamma U k * r + (1 + Rounding.gamma U k) * z -> e <= norm_of_exact r n root.
Proof.
intros Hk r0 z0 Hz He; apply norm_of_exact_covers; try easy.
assert (G := gamma_mono U_ge0 Hk (less (le_n _))); assert (G1 := gamma_le1 (half Hk)).
apply Rle_trans with (1 := He), Rplus_le_compat; [now apply Rmult_le_compat_r|].
apply Rle_trans with (2 * z); [apply Rmult_le_compat_r; lra|exact Hz].
Qed.

Theorem norm_of_exact_euclidean : let r := fl (sqrt (evaluate difference difference t)) in
  Rabs (r - euclidean) <= norm_of_exact r n root.
Proof.
intros r; apply (covers (k := 3 + n) (z := sqrt (INR n * eta))); [lia|apply fl_ge0, sqrt_pos|apply sqrt_pos| |].
- unfold lost; apply Rmult_le_compat_l; [lra|apply root_eta].
- apply (euclidean_any_order prec_gt1 emin_small F perm); apply less; lia.
Qed.

Theorem norm_of_exact_euclidean_scaled : let r := fl (fl (sqrt (evaluate ratio ratio t)) * unit) in
  Rabs (r - euclidean) <= norm_of_exact r n root.
Proof.
intros r; apply (covers (k := 7 + n) (z := eta)); [lia| |easy|exact eta_lost|].
- apply fl_ge0, Rmult_le_pos; [apply fl_ge0, sqrt_pos|apply scale_ge0].
- apply (euclidean_scaled prec_gt1 emin_small F perm); apply half; lia.
Qed.

Theorem norm_of_exact_manhattan : let r := evaluate (fun p => Rabs (difference p)) (fun _ => 1) t in
  Rabs (r - manhattan) <= norm_of_exact r n root.
Proof.
intros r; assert (H := manhattan_any_order prec_gt1 F perm (less (k := 1 + n) ltac:(lia))); fold r in H.
apply (covers (k := 1 + n) (z := 0)); [lia| |lra| |].
- apply evaluate_ge0; [easy|intros p; apply Rmult_le_pos; [apply Rabs_pos|lra]].
- assert (H' := eta_lost); assert (E0 := eta_ge0); lra.
- rewrite Rmult_0_r, Rplus_0_r; exact H.
Qed.

Theorem norm_of_exact_manhattan_scaled : let r := fl (evaluate (fun p => Rabs (ratio p)) (fun _ => 1) t * unit) in
  Rabs (r - manhattan) <= norm_of_exact r n root.
Proof.
intros r; apply (covers (k := 4 + n) (z := eta)); [lia| |easy|exact eta_lost|].
- apply fl_ge0, Rmult_le_pos; [|apply scale_ge0].
  apply evaluate_ge0; [easy|intros p; apply Rmult_le_pos; [apply Rabs_pos|lra]].
- apply (manhattan_scaled prec_gt1 emin_small F perm); apply half; lia.
Qed.

Theorem norm_of_exact_chebyshev : let r := unit in
  Rabs (r - largest (map (fun p => Rabs (fst p - snd p)) xy)) <= norm_of_exact r n root.
Proof.
intros r; apply (covers (k := 1) (z := 0)); [lia|apply scale_ge0|lra| |].
- assert (H' := eta_lost); assert (E0 := eta_ge0); lra.
- rewrite Rmult_0_r, Rplus_0_r; apply (chebyshev prec_gt1 F).
Qed.

End Norms.

(** A vector V whose coordinates were computed as those of v, off by at most the coordinates of a vector of norm delta:
    the norm of v was computed as r, delta as c, both as norm_of_exact allows. *)
Theorem norm_of_inexact_covers (d : nat) root of_V of_v delta r c : float c -> 0 <= delta -> 0 <= c ->
  Rabs (of_V - of_v) <= delta ->
  Rabs (r - of_v) <= norm_of_exact r d root -> Rabs (c - delta) <= norm_of_exact c d root ->
  Rabs (r - of_V) <= norm_of_inexact r c d root.
Proof.
intros Fc delta0 c0 H Hr Hc; assert (U0 := U_ge0); assert (E0 := eta_ge0).
assert (R0 := Rle_trans _ _ _ (Rabs_pos _) Hr); assert (C0 := Rle_trans _ _ _ (Rabs_pos _) Hc).
set (er := norm_of_exact r d root) in *; set (ec := norm_of_exact c d root) in *.
assert (Fr : float er) by apply float_fl; assert (Fe : float ec) by apply float_fl.
assert (H1 := near_fl_sum c0 C0 Fc Fe).
assert (Her := near_mono (l := 1%nat) (w := 0) (Nat.le_0_l 1) (conj (Rle_refl 0) (Rle_refl 0)) (near_refl 53 R0)).
assert (H2 := near_plus Her H1); rewrite Rplus_0_l in H2.
assert (f0 : 0 <= fl (c + ec)) by apply H1.
assert (H3 := near_trans (Rle_refl 0) (Rle_refl 0) (near_fl_sum R0 f0 Fr (float_fl _)) H2).
destruct H3 as (s0 & _ & H4 & _).
unfold norm_of_inexact; fold er ec.
apply (inflate_covers (k := 2)); [rewrite U_value; simpl; lra|exact s0|].
apply Rle_trans with (er + (c + ec)).
- replace (r - of_V) with ((r - of_v) - (of_V - of_v)) by ring.
  apply Rle_trans with (1 := Rabs_triang _ _); rewrite Rabs_Ropp.
  apply Rabs_le_inv in Hc; lra.
- apply Rle_trans with (1 := H4); rewrite <- U_is; apply Rmult_le_compat_l; [apply pow_le; lra|].
  assert (T0 : 0 <= TINY) by apply bpow_ge_0; lra.
Qed.
